# The SQLite extension: make sqlite, make install-sqlite.
#
# Needs SQLite's headers (Debian: libsqlite3-dev) and libcrypto's (libssl-dev).

# An absolute name, or VPATH would find the source's own.
SQLITE_OUT = $(CURDIR)/build/sqlite
SQLITE_LIBDIR ?= /usr/local/lib/sqlite
SQLITE_LIBRARY = $(SQLITE_OUT)/covet_sessions.so

SQLITE_OBJECTS = $(patsubst $(SRC)/src/%.c,$(SQLITE_OUT)/%.o,$(sort \
	$(wildcard $(SRC)/src/core/*.c $(SRC)/src/sqlite/*.c)))

SQLITE_CFLAGS = -std=gnu11 -O2 -g -fPIC -fvisibility=hidden -Wall -Wextra \
	$(if $(filter-out 0,$(WERROR)),-Werror) \
	$(if $(SANITIZE),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
comma = ,

sqlite: $(SQLITE_LIBRARY)

install-sqlite: sqlite
	install -d '$(DESTDIR)$(SQLITE_LIBDIR)'
	install -m 755 $(SQLITE_LIBRARY) '$(DESTDIR)$(SQLITE_LIBDIR)/'

$(SQLITE_LIBRARY): $(SQLITE_OBJECTS)
	$(CC) -shared $(SQLITE_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcrypto

$(SQLITE_OUT)/%.o: $(SRC)/src/%.c $(SQLITE_OUT)/schema.h $(CONTROL)
	@mkdir -p $(@D)
	$(CC) $(SQLITE_CFLAGS) -DCOVET_VERSION='"$(EXTVERSION)"' \
		-I$(SRC)/src/core -I$(SRC)/src/sqlite -I$(SQLITE_OUT) \
		$(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The schema as a C string.
$(SQLITE_OUT)/schema.h: $(SRC)/sql/sqlite/schema.sql
	@mkdir -p $(@D)
	{ echo 'static const char schema_sql[] ='; \
	  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $<; \
	  echo ';'; } > $@

-include $(SQLITE_OBJECTS:.o=.d)

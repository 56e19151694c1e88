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

# The schema as C strings, and the upgrades schema--FROM--TO.sql.
SQLITE_UPGRADES = $(wildcard $(SRC)/sql/sqlite/schema--*--*.sql)
SQLITE_QUOTE = sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/'

$(SQLITE_OUT)/schema.h: $(SRC)/sql/sqlite/schema.sql $(SQLITE_UPGRADES)
	@mkdir -p $(@D)
	{ echo 'static const char schema_sql[] ='; $(SQLITE_QUOTE) $<; echo ';'; \
	  $(foreach file,$(SQLITE_UPGRADES), \
	    echo 'static const char $(call SQLITE_NAME,$(file))[] ='; \
	    $(SQLITE_QUOTE) $(file); echo ';';) \
	  echo '#define SCHEMA_UPGRADES \'; \
	  $(foreach file,$(SQLITE_UPGRADES), \
	    echo '{"$(word 2,$(call SQLITE_PARTS,$(file)))", "$(word 3,$(call SQLITE_PARTS,$(file)))", $(call SQLITE_NAME,$(file))}, \';) \
	  echo; } > $@

SQLITE_PARTS = $(subst --, ,$(basename $(notdir $(1))))
SQLITE_NAME = $(subst .,_,$(subst --,_,$(basename $(notdir $(1)))))

-include $(SQLITE_OBJECTS:.o=.d)

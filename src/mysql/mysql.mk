# The library for MySQL and MariaDB: make mysql, make install-mysql.
#
# Needs libcrypto's headers (Debian: libssl-dev) and no server's: the same file
# serves both servers.

# An absolute name, or VPATH would find the source's own.
MYSQL_OUT = $(CURDIR)/build/mysql
MYSQL_LIBRARY = $(MYSQL_OUT)/covet_sessions.so

MYSQL_OBJECTS = $(patsubst $(SRC)/src/%.c,$(MYSQL_OUT)/%.o,$(sort \
	$(wildcard $(SRC)/src/core/*.c $(SRC)/src/mysql/*.c)))

MYSQL_CFLAGS = -std=gnu11 -O2 -g -fPIC -fvisibility=hidden -pthread -Wall -Wextra \
	$(if $(filter-out 0,$(WERROR)),-Werror) \
	$(if $(SANITIZE),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)

# The client that install-mysql calls, with all it needs to connect as an
# administrator to the database that gets the sessions.  The library goes where
# that server looks for it.
MYSQL ?= mysql
MYSQL_PLUGIN_DIR ?= $(shell $(MYSQL) --batch --skip-column-names -e 'SELECT @@plugin_dir')

MYSQL_SCRIPTS = $(MYSQL_OUT)/install.sql $(MYSQL_OUT)/uninstall.sql

mysql: $(MYSQL_LIBRARY) $(MYSQL_SCRIPTS)

install-mysql: mysql
	@test -n '$(MYSQL_PLUGIN_DIR)' || { echo >&2 "install-mysql: no answer from the server. Say how to reach it and which database: make install-mysql MYSQL='mysql --user=root DATABASE'"; exit 1; }
	install -d '$(DESTDIR)$(MYSQL_PLUGIN_DIR)'
	install -m 755 $(MYSQL_LIBRARY) '$(DESTDIR)$(MYSQL_PLUGIN_DIR)/'
	$(if $(DESTDIR),,$(SRC)/sql/mysql/install '$(MYSQL)' $(MYSQL_OUT)/install.sql)

$(MYSQL_SCRIPTS): $(MYSQL_OUT)/%.sql: $(wildcard $(SRC)/sql/mysql/*) $(SRC)/src/core/covet_errors.h $(CONTROL)
	@mkdir -p $(@D)
	cd $(SRC) && sql/mysql/assemble $* $(EXTVERSION) >$@.new
	mv $@.new $@

$(MYSQL_LIBRARY): $(MYSQL_OBJECTS)
	$(CC) -shared $(MYSQL_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcrypto

$(MYSQL_OUT)/%.o: $(SRC)/src/%.c $(CONTROL)
	@mkdir -p $(@D)
	$(CC) $(MYSQL_CFLAGS) -DCOVET_VERSION='"$(EXTVERSION)"' \
		-I$(SRC)/src/core -I$(SRC)/src/mysql \
		$(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(MYSQL_OBJECTS:.o=.d)

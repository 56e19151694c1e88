# covet_sessions: a session store inside the database
#
#   make                 build the PostgreSQL extension
#   make install         install it (DESTDIR is honoured)
#   make installcheck    regression and isolation tests on a running server
#   make clean           remove what was built
#   make test            all tests, on private throw-away servers (test/run)
#   make test-matrix     the same on other versions of the engines (test/matrix)
#   make tour            the narrated tour (examples/tour/run)
#   make tour-sqlite     the same in SQLite, without a server
#   make bench           the benchmarks' short form (bench/run)
#
#   make sqlite          build the SQLite extension, in build/sqlite
#   make install-sqlite  install it in SQLITE_LIBDIR (DESTDIR is honoured)
#
#   make mysql           build the library for MySQL and MariaDB, in build/mysql
#   make install-mysql   install it on the server that MYSQL connects to
#
#   PG_CONFIG=...        build for another server than the first in PATH
#   SQLITE_LIBDIR=...    where the SQLite extension goes
#   MYSQL='mysql ...'    the client and how it connects, as an administrator
#   SANITIZE=1           build SQLite's or MySQL's with ASan and UBSan
#   WERROR=1             compiler warnings are errors
#
# An out-of-tree build is made from an empty directory: make -f SOURCE/Makefile

SRC := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

.DEFAULT_GOAL := all

# Goals that need no PostgreSQL to build against; test and tour install what
# they need by themselves.
STANDALONE = test test-matrix tour tour-sqlite bench sqlite install-sqlite mysql install-mysql
.PHONY: $(STANDALONE)

test:
	$(SRC)/test/run

test-matrix:
	$(SRC)/test/matrix

tour:
	$(SRC)/examples/tour/run

tour-sqlite:
	$(SRC)/examples/tour/run --sqlite

bench:
	$(SRC)/bench/run --short

# The control file is the only home of the version number.
EXTENSION = covet_sessions
CONTROL := $(SRC)/$(EXTENSION).control
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" $(CONTROL))

# ---- SQLite ----

include $(SRC)/src/sqlite/sqlite.mk

# ---- MySQL and MariaDB ----

include $(SRC)/src/mysql/mysql.mk

# ---- PostgreSQL ----

ifneq (,$(filter-out $(STANDALONE),$(or $(MAKECMDGOALS),all)))

# Objects in the source tree would be found before those to be built here.
ifneq ($(CURDIR),$(abspath $(SRC)))
ifneq (,$(wildcard $(SRC)/src/postgresql/*.o))
$(error the source tree $(SRC) has been built in: run make clean there first)
endif
endif

MODULE_big = covet_sessions

DATA_built = $(EXTENSION)--$(EXTVERSION).sql
DATA = $(patsubst $(SRC)/%,%,$(wildcard $(SRC)/sql/$(EXTENSION)--*--*.sql))

SOURCE_DIRS = src/core src/postgresql
OBJECT_DIRS = $(SOURCE_DIRS:%=$(CURDIR)/%)
OBJS = $(patsubst $(SRC)/%.c,%.o,$(sort \
	$(wildcard $(SOURCE_DIRS:%=$(SRC)/%/*.c))))

# The server's headers do not pass -Wextra.  As system headers they are left
# out of it, while every warning stays on for the code of this project.
PG_CPPFLAGS = -DCOVET_VERSION='"$(EXTVERSION)"' \
	$(SOURCE_DIRS:%=-I$(SRC)/%) -isystem $(includedir_server)

# clang is told to pass over the gcc options that the server was built with.
PG_CFLAGS = -Wall -Wextra $(if $(filter-out 0,$(WERROR)),-Werror) -MMD -MP \
	$(if $(findstring clang,$(shell $(CC) --version)),-Wno-unknown-warning-option -Wno-ignored-optimization-argument)
SHLIB_LINK = -lcrypto

# expected/ holds the expected output of both kinds of test, test/expected
# leads there.
REGRESS = $(patsubst $(SRC)/test/sql/%.sql,%,$(sort $(wildcard $(SRC)/test/sql/*.sql)))
REGRESS_OPTS = --inputdir=$(SRC)/test
ISOLATION = $(patsubst $(SRC)/test/specs/%.spec,%,$(sort $(wildcard $(SRC)/test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=$(SRC)/test

EXTRA_CLEAN = $(OBJS:.o=.d) $(EXTENSION)--*.sql

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq (,$(wildcard $(PGXS)))
define NO_PGXS_MESSAGE
the files for building PostgreSQL extensions were not found ($(PG_CONFIG)).
Install your server's development package (Debian: postgresql-server-dev-15,
RPM: postgresql15-devel) or name its pg_config: make PG_CONFIG=/path/to/pg_config
endef
$(error $(NO_PGXS_MESSAGE))
endif

# A server built with LLVM asks for bitcode too, which only serves to inline
# functions into JIT code.  Without its tools the library is built alone.
MAKEFILE_GLOBAL := $(dir $(PGXS))../Makefile.global
LLVM_TOOLS := $(shell sed -n -e 's/^CLANG *= *//p' \
	-e 's,^LLVM_BINPATH *= *\(.*\),\1/llvm-lto,p' $(MAKEFILE_GLOBAL))
ifneq (,$(shell for tool in $(LLVM_TOOLS); do command -v $$tool >/dev/null || echo missing; done))
override with_llvm = no
endif

include $(PGXS)

$(DATA_built): $(SRC)/sql/$(EXTENSION).sql $(CONTROL)
	cp $< $@

# The version is compiled in, and an object's bitcode is as old as the object.
$(OBJS): $(CONTROL) | $(OBJECT_DIRS)
$(OBJS:.o=.bc): %.bc: %.o

# In an out-of-tree build the directories of the objects do not exist yet.
# (Absolute names, or VPATH would find those of the source.)
$(OBJECT_DIRS):
	mkdir -p $@

-include $(OBJS:.o=.d)

endif # PostgreSQL

# dsmbd - one Makefile, no recursion.  `make help` lists the targets.
#
#   CC=clang            the other compiler          SAN=address,undefined   sanitizers
#   COV=1               coverage                    WERROR=yes              warnings are errors (CI sets it)
#   DEPS=no             install no packages
# Output goes to build/<compiler>-<flavour>/, so flavours never mix; build/bin/ holds the programs of the last `make`.

# V=1 shows each command.
Q := $(if $(V),,@)
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

ifeq ($(origin CC),default)
CC := gcc
endif
AWK := awk
CCNAME := $(notdir $(firstword $(CC)))
comma := ,
FLAVOUR := $(if $(SAN),$(subst $(comma),+,$(SAN)),$(if $(COV),coverage,release))
B := build/$(CCNAME)-$(FLAVOUR)
GEN := build/gen
VERSION := $(shell sed -n 's/^## \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md 2>/dev/null | head -n 1)

PKGS := libpq libcurl yaml-0.1 libpcre2-8 libutf8proc libcrypto jansson libsystemd smartcols pangocairo cairo-pdf zlib
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wdouble-promotion -Wstrict-prototypes \
        -Wmissing-prototypes -Wformat=2 -Wundef -Wcast-qual -Wwrite-strings -Wvla -Wswitch-enum -Wnull-dereference \
        -Wimplicit-fallthrough
ifneq ($(findstring gcc,$(CCNAME)),)
WARN += -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Warith-conversion
HARDEN_CC := -ftrivial-auto-var-init=zero
endif
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE $(HARDEN_CC)
OPT := -O2 -g
ifdef SAN
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=all
ifneq ($(findstring undefined,$(SAN)),)
OPT += -fsanitize=float-divide-by-zero,float-cast-overflow
endif
LDSAN := -fsanitize=$(SAN)
HARDEN := -fPIE
else ifdef COV
OPT := -O0 -g --coverage
LDSAN := --coverage
HARDEN := -fPIE
else
OPT += -D_FORTIFY_SOURCE=3
endif
# Debian's headers of libraries are system headers: their warnings are not ours.
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
CPPFLAGS_ALL := -D_GNU_SOURCE -DDSMB_VERSION='"$(VERSION)"' -Idaemon -I$(GEN) $(PKG_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL := -std=c11 $(WARN) $(if $(filter yes,$(WERROR)),-Werror) $(OPT) $(HARDEN) -ffp-contract=off $(CFLAGS)
LDFLAGS_ALL := -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDSAN) $(LDFLAGS)

# Folders from the lowest to the highest; each becomes one archive.
PURE := base stats trial classify tally monitor alert render
EDGES := port pg smtp config host cms app
FOLDERS := $(PURE) $(EDGES)
SRC := $(foreach f,$(FOLDERS),$(wildcard daemon/$(f)/*.c))
SQL := $(wildcard sql/queries/*.sql) $(wildcard sql/schema/*.sql) $(wildcard sql/source/*.sql) sql/setup/source.sql
objs = $(patsubst %.c,$(B)/%.o,$(wildcard daemon/$(1)/*.c))
lib = $(B)/lib/$(1).a
libs = $(foreach f,$(1),$(call lib,$(f)))

# What each program links; the linker groups archives, so order does not matter.
CTL_SRC := $(wildcard daemon/cmd/dsmbctl*.c) $(wildcard daemon/cmd/ctl_*.c)
DAEMON_SRC := $(wildcard daemon/cmd/dsmbd*.c)
MAILER_SRC := $(wildcard daemon/cmd/dsmb-mailer*.c)
SHARED_SRC := $(filter-out $(CTL_SRC) $(DAEMON_SRC) $(MAILER_SRC),$(wildcard daemon/cmd/*.c))
CMD_SRC := $(CTL_SRC) $(DAEMON_SRC) $(MAILER_SRC) $(SHARED_SRC)
MAILER_LIBS := $(call libs,base port smtp host config app) $(B)/lib/pg_outbox.a
FULL_LIBS := $(call libs,$(filter-out smtp,$(FOLDERS)))
RMATH := /usr/lib/libRmath.a
PROGRAMS := dsmbd dsmb-mailer dsmbctl

.PHONY: all
all: $(PROGRAMS:%=build/bin/%)

# By content: another flavour's programs may be older than what stands there.
build/bin/%: $(B)/bin/% FORCE
	@mkdir -p $(@D)
	@cmp -s $< $@ || { cp -f $< $@.new && mv -f $@.new $@; }
.PHONY: FORCE
FORCE:

include packaging/build/link.mk

$(B)/%.o: %.c | $(GEN)/sql_catalog.h
	@mkdir -p $(@D)
	@echo '  $(CCNAME) $<'
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(B)/gen/%.o: $(GEN)/%.c
	@mkdir -p $(@D)
	@echo '  $(CCNAME) $<'
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

define archive
$(call lib,$(1)): $(call objs,$(1)) $(if $(filter pg,$(1)),$(B)/gen/sql_catalog.o)
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcsD $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call archive,$(f))))

$(GEN)/sql_catalog.h $(GEN)/sql_catalog.c &: $(SQL) packaging/build/sql2c.awk
	@mkdir -p $(@D)
	@echo '  sql2c $(words $^) files'
	$(Q)$(AWK) -f packaging/build/sql2c.awk -v out=$(GEN)/sql_catalog $(sort $(SQL))

include packaging/build/test.mk
include packaging/build/deps.mk
-include packaging/build/lint.mk
include packaging/build/browser.mk
-include packaging/build/bench.mk packaging/build/fuzz.mk packaging/build/nightly.mk
-include packaging/build/man.mk packaging/build/deb.mk packaging/build/systemd.mk

.PHONY: clean help
clean:
	rm -rf build
help:
	@echo 'make            dsmbd, dsmb-mailer and dsmbctl in build/bin'
	@echo 'make demo       a synthetic MAGiCAL-CKD, watched by the real programs   (KEEP=1 keeps the database up)'
	@echo 'make test       everything: check, check-it, check-layers'
	@echo 'make check      units, cycle tests, headers, layers: seconds            (SAN=, COV=, CC=clang)'
	@echo 'make check-it   real PostgreSQL, real mail server, the real programs'
	@echo 'make nightly    5,500 kills and faults instead of 500: hours                 (SEED=N)'
	@echo 'make check-browser  reports and mails in Chromium: golden images, accessibility       (not part of make test)'
	@echo 'make check-layers   who may include and call whom'
	@echo 'make lint       clang-format, clang-tidy, cppcheck, shellcheck'
	@echo 'make check-units     the systemd units: every line understood, exposure at most 1.5'
	@echo 'make check-systemd   the units under a throw-away systemd in namespaces of its own   (root)'
	@echo 'make deb        build/deb/*.deb;  make check-deb: install, upgrade, remove, purge    (root)'
	@echo 'make install DESTDIR=...'
	@echo 'make bench      speed, side by side with peers'
	@echo 'make fuzz       libFuzzer on the readers and the solvers (clang)         (T=60: seconds for each)'

-include $(shell find $(B) -type f -name '*.d' 2>/dev/null)

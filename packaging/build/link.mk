# How each program is linked.  --start-group: the archives are layers, but ports are called through pointers.

PKG_LIBS := $(shell pkg-config --libs libpq yaml-0.1 libpcre2-8 libutf8proc libcrypto jansson libsystemd smartcols pangocairo cairo-pdf zlib 2>/dev/null)
MAILER_PKG_LIBS := $(shell pkg-config --libs libpq libcurl yaml-0.1 libcrypto libsystemd 2>/dev/null)
# What went into a program, for packaging/build/check-layers.
LINK_MAP = -Wl,-Map=$@.map
# libRmath prints on bad input.  In the copy that we link, printing is ours (daemon/stats/rmath_quiet.c) and says nothing;
# exit() gets a name that nobody defines, so that drawing in a part of libRmath that could end us fails the link.
RMATH_QUIET := $(B)/lib/rmath.a
RMATH_LIBS = -Wl,--start-group $(RMATH_QUIET) $(call lib,stats) -Wl,--end-group -lm
OBJCOPY := objcopy

$(RMATH_QUIET): $(RMATH) packaging/build/link.mk
	@mkdir -p $(@D)
	@$(OBJCOPY) --redefine-sym printf=rmath_quiet_printf --redefine-sym __printf_chk=rmath_quiet_printf_chk \
	  --redefine-sym exit=rmath_may_not_exit $< $@
$(call lib,stats): | $(RMATH_QUIET)

$(B)/bin/dsmbd: $(patsubst %.c,$(B)/%.o,$(DAEMON_SRC) $(SHARED_SRC)) $(FULL_LIBS)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) $(LINK_MAP) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(PKG_LIBS) $(RMATH_LIBS)

$(B)/bin/dsmbctl: $(patsubst %.c,$(B)/%.o,$(CTL_SRC) $(SHARED_SRC)) $(FULL_LIBS)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) $(LINK_MAP) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(PKG_LIBS) $(RMATH_LIBS)

# The mailer has no data: base, port, smtp, host, config, its own use case and the outbox part of pg.
MAILER_OBJ := $(patsubst %.c,$(B)/%.o,$(MAILER_SRC) $(wildcard daemon/pg/pgconn*.c daemon/pg/outbox*.c daemon/app/deliver*.c))
$(B)/bin/dsmb-mailer: $(MAILER_OBJ) $(B)/gen/sql_catalog.o $(call libs,base port smtp host config)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) $(LINK_MAP) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(MAILER_PKG_LIBS) -lm

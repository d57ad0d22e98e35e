# Tests.  tests/unit/test_x.c is one binary per pure module and links only the pure archives; tests/app/test_x.c runs
# use cases with fakes; tests/cms/test_x.c links the sealer alone, tests/smtp/test_x.c the transport, tests/host/test_x.c the host.  Every binary is CMocka; packaging/build/run-tests.sh
# runs them and prints one closing line.

UNIT := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
APPT := $(patsubst tests/app/%.c,%,$(wildcard tests/app/test_*.c))
CMST := $(patsubst tests/cms/%.c,%,$(wildcard tests/cms/test_*.c))
SMTPT := $(patsubst tests/smtp/%.c,%,$(wildcard tests/smtp/test_*.c))
HOSTT := $(patsubst tests/host/%.c,%,$(wildcard tests/host/test_*.c))
SUPPORT_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/support/*.c))
UNIT_BIN := $(UNIT:%=$(B)/tests/unit-%)
APP_BIN := $(APPT:%=$(B)/tests/app-%)
CMS_BIN := $(CMST:%=$(B)/tests/cms-%)
SMTP_BIN := $(SMTPT:%=$(B)/tests/smtp-%)
HOST_BIN := $(HOSTT:%=$(B)/tests/host-%)
TEST_LIBS = -lcmocka $(PKG_LIBS) $(RMATH_LIBS)
DSMB_SHARED ?= ../shared
DSMB_SAN := $(SAN)
export DSMB_SHARED DSMB_SAN

$(B)/tests/%.o: CPPFLAGS_ALL += -Itests
$(B)/tests/unit-%: $(B)/tests/unit/%.o $(SUPPORT_OBJ) $(call libs,$(PURE) config)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(TEST_LIBS)
# The calculator's readers are the only part of a program that a unit test links.
$(B)/tests/unit-test_calc: $(patsubst %.c,$(B)/%.o,$(wildcard daemon/cmd/ctl_calc_*.c) daemon/cmd/ctl_json.c)
$(B)/tests/app-%: $(B)/tests/app/%.o $(SUPPORT_OBJ) $(call libs,$(PURE) config port app)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(TEST_LIBS)
$(B)/tests/cms-%: $(B)/tests/cms/%.o $(B)/tests/cms/pki.o $(B)/tests/support/t.o $(call libs,base port cms)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka $(PKG_LIBS)
$(B)/tests/smtp-%: $(B)/tests/smtp/%.o $(B)/tests/support/t.o $(call libs,base port smtp)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka $(MAILER_PKG_LIBS)

$(B)/tests/host-%: $(B)/tests/host/%.o $(B)/tests/support/t.o $(call libs,base port host)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka $(PKG_LIBS)

.PHONY: check check-unit check-headers check-layers check-it
.SECONDARY:
check: check-unit check-headers check-layers
check-unit: $(UNIT_BIN) $(APP_BIN) $(CMS_BIN) $(SMTP_BIN) $(HOST_BIN)
	@packaging/build/run-tests.sh $^
# Every header compiles alone.
check-headers: | $(GEN)/sql_catalog.h
	@for h in $(wildcard daemon/*/*.h); do \
	  $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -fsyntax-only -x c $$h || exit 1; done; echo 'headers: each stands alone'

# The real PostgreSQL, a real mail server over TLS, the real programs.
check-it: $(PROGRAMS:%=$(B)/bin/%)
	@JOBS=$${JOBS:-2} DSMB_BIN=$(abspath $(B)/bin) packaging/build/run-tests.sh $(sort $(wildcard tests/it/test_*.sh))

# Who includes and calls whom, over what exists; the check must also find what is planted in tests/layers.
LAYERED := $(foreach p,$(PROGRAMS),$(if $(wildcard daemon/cmd/$(p).c),$(B)/bin/$(p)))
check-layers: $(call libs,$(FOLDERS)) $(LAYERED)
	@packaging/build/check-layers --self-test $(firstword $(CC))
	@packaging/build/check-layers $(B)

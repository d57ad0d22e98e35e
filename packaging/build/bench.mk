# Speed and error, side by side with R in one run: `make bench`.  The qualification report names the flags it was built with.

$(B)/daemon/cmd/ctl_validate_report.o: CPPFLAGS_ALL += -DDSMB_BUILD_FLAGS='"$(strip -std=c11 $(OPT) -ffp-contract=off $(CFLAGS))"'

BENCH_BIN := $(B)/tests/bench-stats
$(B)/tests/bench-%: $(B)/tests/bench/%.o $(call libs,base stats)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(PKG_LIBS) $(RMATH_LIBS)

.PHONY: bench bench-stats
bench: bench-stats
bench-stats: $(BENCH_BIN) $(B)/tests/unit-test_stats_memory
	@tests/bench/stats.sh $(BENCH_BIN)
	@$(B)/tests/unit-test_stats_memory | grep '^#'

# A look: its pure part stage by stage, then end to end beside what the server alone needs for the same rows.
$(B)/tests/bench-look: $(call libs,$(PURE) config)
.PHONY: bench-look
bench: bench-look
bench-look: $(B)/tests/bench-look $(PROGRAMS:%=$(B)/bin/%)
	@$< rules 100000 100 3
	@DSMB_BIN=$(abspath $(B)/bin) tests/bench/look.sh 100000 100

# From a commit in the trial database to the relay's 250, sealed, over TLS.
.PHONY: bench-mail
bench: bench-mail
bench-mail: $(PROGRAMS:%=$(B)/bin/%)
	@DSMB_BIN=$(abspath $(B)/bin) tests/bench/mail.sh 100000 20

# What a mapping over LibreClinica's or REDCap's cells costs the trial's server, beside plain tables.
.PHONY: bench-source
bench: bench-source
bench-source:
	@tests/bench/source.sh 100000

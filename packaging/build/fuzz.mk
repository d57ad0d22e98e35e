# libFuzzer on the readers and the solvers: `make fuzz T=60` runs each target T seconds under ASan and UBSan (clang), from
# the corpus that is checked in; what it finds it leaves in build/fuzz/.

T ?= 60
FUZZ := calc logrank yaml solvers table
FUZZ_BIN := $(FUZZ:%=$(B)/tests/fuzz-%)
FUZZ_CALC := $(patsubst %.c,$(B)/%.o,$(wildcard daemon/cmd/ctl_calc_*.c) daemon/cmd/ctl_json.c)

$(B)/tests/fuzz-calc $(B)/tests/fuzz-logrank: $(FUZZ_CALC)
$(B)/tests/fuzz-yaml $(B)/tests/fuzz-table: $(SUPPORT_OBJ)
$(B)/tests/fuzz-%: $(B)/tests/fuzz/%.o $(call libs,$(PURE) config)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(TEST_LIBS)

# The corpus without a fuzzer, as part of `make check`: what once broke something is kept as tests/fuzz/corpus/TARGET/was-*.
REPLAY_BIN := $(FUZZ:%=$(B)/tests/replay-%)
$(B)/tests/replay-calc $(B)/tests/replay-logrank: $(FUZZ_CALC)
$(B)/tests/replay-yaml $(B)/tests/replay-table: $(SUPPORT_OBJ)
$(B)/tests/replay-%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(call libs,$(PURE) config)
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(TEST_LIBS)

.PHONY: check-corpus
check: check-corpus
check-corpus: $(REPLAY_BIN)
	@for t in $(FUZZ); do \
	  timeout 120 $(B)/tests/replay-$$t tests/fuzz/corpus/$$t/* >$(B)/tests/replay.log 2>&1 || \
	    { tail -n 20 $(B)/tests/replay.log; echo "corpus: $$t fails on the input named last"; exit 1; }; \
	done; echo "corpus: $$(ls tests/fuzz/corpus/*/* | wc -l) inputs, nothing found"

.PHONY: fuzz fuzz-run
fuzz:
	@$(MAKE) --no-print-directory CC=clang SAN=fuzzer-no-link,address,undefined T=$(T) fuzz-run
fuzz-run: $(FUZZ_BIN)
	@for t in $(FUZZ); do \
	  mkdir -p build/fuzz/$$t; \
	  $(B)/tests/fuzz-$$t -max_total_time=$(T) -timeout=20 -max_len=4096 -print_final_stats=1 -verbosity=0 \
	    -artifact_prefix=build/fuzz/$$t- build/fuzz/$$t tests/fuzz/corpus/$$t 2>build/fuzz/$$t.log || { tail -n 40 build/fuzz/$$t.log; exit 1; }; \
	  echo "fuzz $$t: $$(sed -n 's/^stat::number_of_executed_units: *//p' build/fuzz/$$t.log) inputs in $(T) s, nothing found"; \
	done

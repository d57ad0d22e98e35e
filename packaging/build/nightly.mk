# make nightly: the promise under 5,500 kills and faults, where CI makes do with 500.  Each test asserts its number and
# prints points, counts and seed; SEED=N repeats a night's choices.
#   tests/it/test_kill.sh     kill -9 of both programs at named points and at random moments, over whole trials
#   tests/it/test_mailer.sh   kill -9 of dsmb-mailer between claim and committed outcome
#   tests/it/test_faults.sh   failing system calls and memory (libfiu), PostgreSQL stopped at once, full disks
# Then what is too long for CI: the units under a systemd of their own, the package in a folder of its own, Chromium.
NIGHTLY_KILLS ?= 2000
NIGHTLY_MAILER_KILLS ?= 1500
NIGHTLY_FAULTS ?= 2000
SEED ?= $(shell od -An -N2 -tu2 /dev/urandom | tr -d ' ')

.PHONY: nightly
nightly: SEED := $(SEED)
nightly: deps-build deps-test
	@$(MAKE) --no-print-directory -j2 all
	@echo 'seed $(SEED)'
	@failed=0; run() { \
	  env DSMB_SEED=$(SEED) VERBOSE=1 TEST_TIMEOUT=14400 DSMB_BIN=$(CURDIR)/build/bin "$$1" packaging/build/run-tests.sh "$$2" || failed=1; }; \
	run DSMB_KILLS=$(NIGHTLY_KILLS) tests/it/test_kill.sh; \
	run DSMB_KILLS=$(NIGHTLY_MAILER_KILLS) tests/it/test_mailer.sh; \
	run DSMB_FAULTS=$(NIGHTLY_FAULTS) tests/it/test_faults.sh; \
	for t in check-systemd check-deb check-browser; do $(MAKE) --no-print-directory $$t || failed=1; done; \
	exit $$failed

# The units: what systemd thinks of them, and what they do under a systemd of their own.
#
#   make check-units     no unknown directive, exposure at most 1.5: seconds, needs no right
#   make check-systemd   boots a throw-away systemd in namespaces of its own on an overlay (never the host's); needs root

.PHONY: check-units check-systemd
check-units: deps-deb
	@packaging/build/check-units
check-systemd: deps-build deps-deb deps-test
	@$(MAKE) --no-print-directory -j2 all man
	-@$(MAKE) --no-print-directory rootfs # without it the test says what it skips
	@packaging/build/run-tests.sh tests/systemd/test_systemd.sh

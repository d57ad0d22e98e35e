# Installing, and the Debian package.
#
#   make install DESTDIR=... what the package holds
#   make deb                 build/deb/*.deb, from packaging/debian; lintian must have no error to tell
#   make check-deb           install, upgrade, remove, purge in a debootstrap folder (tests/systemd/deb.sh)
#   make rootfs              that folder, build/cache/bookworm: kept, and never written to (tests lay an overlay on it)

DESTDIR ?=
SHARE := $(DESTDIR)/usr/share
ROOTFS := build/cache/bookworm

.PHONY: install install-files deb check-deb rootfs
install: all man
	@$(MAKE) --no-print-directory install-files
install-files:
	install -d $(DESTDIR)/usr/sbin $(DESTDIR)/usr/bin $(DESTDIR)/etc/dsmbd $(DESTDIR)/lib/systemd/system \
	  $(DESTDIR)/usr/lib/sysusers.d $(DESTDIR)/usr/lib/tmpfiles.d $(SHARE)/bash-completion/completions \
	  $(SHARE)/dsmbd/rules $(SHARE)/dsmbd/sql $(SHARE)/doc/dsmbd/examples
	install -m 755 build/bin/dsmbd build/bin/dsmb-mailer $(DESTDIR)/usr/sbin/
	install -m 755 build/bin/dsmbctl $(DESTDIR)/usr/bin/
	install -m 644 rules/* $(SHARE)/dsmbd/rules/
	for d in setup source schema; do install -d $(SHARE)/dsmbd/sql/$$d && \
	  install -m 644 sql/$$d/* $(SHARE)/dsmbd/sql/$$d/ || exit 1; done
	$(if $(wildcard sql/README.md),install -m 644 sql/README.md $(SHARE)/dsmbd/sql/)
	install -m 644 packaging/systemd/dsmbd@.service packaging/systemd/dsmb-mailer@.service $(DESTDIR)/lib/systemd/system/
	install -m 644 packaging/systemd/dsmbd.sysusers $(DESTDIR)/usr/lib/sysusers.d/dsmbd.conf
	install -m 644 packaging/systemd/dsmbd.tmpfiles $(DESTDIR)/usr/lib/tmpfiles.d/dsmbd.conf
	install -m 644 packaging/examples/* packaging/systemd/remote-database.conf $(SHARE)/doc/dsmbd/examples/
	install -m 644 packaging/completion/dsmbctl $(SHARE)/bash-completion/completions/
	for p in $(MAN_PAGES); do s=$${p##*.}; install -d $(SHARE)/man/man$$s && \
	  install -m 644 $$p $(SHARE)/man/man$$s/ || exit 1; done

deb: deps-build deps-deb
	@packaging/build/make-deb build/deb $(VERSION)
rootfs: deps-deb all
	@packaging/build/rootfs $(ROOTFS) $(PROGRAMS:%=build/bin/%)
check-deb: deb
	-@$(MAKE) --no-print-directory rootfs # without it the test says what it skips
	@packaging/build/run-tests.sh tests/systemd/test_deb.sh

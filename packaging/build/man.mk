# Manual pages: packaging/man/NAME.SECTION.in to build/man/NAME.SECTION.  mdoc with two things of ours: @VERSION@, and a
# line `@include FILE` that draws in a part which several pages share.

MAN_IN := $(wildcard packaging/man/*.in)
MAN_PAGES := $(MAN_IN:packaging/man/%.in=build/man/%)
.PHONY: man
man: $(MAN_PAGES)
build/man/%: packaging/man/%.in $(wildcard packaging/man/*.inc) packaging/build/man.awk CHANGELOG.md
	@mkdir -p $(@D)
	@$(AWK) -v version='$(VERSION)' -v dir=packaging/man -f packaging/build/man.awk $< >$@

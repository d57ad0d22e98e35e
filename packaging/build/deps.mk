# Packages first, then a fresh make: what pkg-config says is only true once they are installed.
DEPS_GROUPS := build demo test lint bench deb browser node
.PHONY: test demo $(DEPS_GROUPS:%=deps-%)
# A static pattern: an implicit one is not looked for where a target is phony.
$(DEPS_GROUPS:%=deps-%): deps-%:
	@packaging/build/deps.sh $*
test: deps-build deps-test
	@$(MAKE) --no-print-directory -j2 all
	@$(MAKE) --no-print-directory check check-it
demo: deps-build deps-demo
	@$(MAKE) --no-print-directory -j2 all
	@packaging/demo/run.sh

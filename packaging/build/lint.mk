# Lint: the formatter decides, three analyzers look.  ONLY='daemon/pg/*.c' looks at part of the sources only.
# `make format` formats in place what lint-format finds.

ONLY ?= daemon/*/*.c
LINT_C := $(wildcard $(ONLY))
LINT_FORMAT := $(LINT_C) $(if $(filter daemon/base/err.c,$(LINT_C)),$(wildcard daemon/*/*.h tests/*/*.[ch]))
LINT_TIME := timeout 900
# err.c and doc.c define what packaging/build/analyzer.h wraps.
LINT_OWN := daemon/base/err.c daemon/base/doc.c
TIDY := clang-tidy --quiet --config-file=packaging/clang-tidy
TIDY_FLAGS = -std=c11 $(CPPFLAGS_ALL)

.PHONY: lint lint-format lint-tidy lint-cppcheck lint-shell format
lint: deps-build deps-lint
	@$(MAKE) --no-print-directory lint-format lint-shell lint-cppcheck lint-tidy
	@echo 'lint: clang-format, shellcheck, cppcheck and clang-tidy have nothing to say'

lint-format:
	@clang-format --style=file:packaging/clang-format --dry-run --Werror $(LINT_FORMAT)
format:
	@clang-format --style=file:packaging/clang-format -i $(LINT_FORMAT)

# clang-tidy counts the warnings it suppressed on standard error: only findings are shown.
lint-tidy: | $(GEN)/sql_catalog.h
	@printf '%s\n' $(filter-out $(LINT_OWN),$(LINT_C)) | $(LINT_TIME) xargs -r -P 2 -n 10 \
	  sh -c '$(TIDY) "$$@" -- $(subst ','\'',$(TIDY_FLAGS)) -include packaging/build/analyzer.h 2>/dev/null' tidy
	@printf '%s\n' $(filter $(LINT_OWN),$(LINT_C)) | $(LINT_TIME) xargs -r \
	  sh -c '$(TIDY) "$$@" -- $(subst ','\'',$(TIDY_FLAGS)) 2>/dev/null' tidy

# Findings that are none are suppressed in the source, with the reason beside them.
lint-cppcheck: | $(GEN)/sql_catalog.h
	@$(LINT_TIME) cppcheck --quiet -j2 --std=c11 --enable=warning,performance,portability --inline-suppr \
	  --error-exitcode=1 --suppress=missingIncludeSystem -D_GNU_SOURCE '-DDSMB_VERSION="$(VERSION)"' -Idaemon \
	  -I$(GEN) $(LINT_C)

# Scripts by their first line; *.sh without one are sourced: bash, and what they set is for others.
lint-shell:
	@grep -rlE '^#!/(usr/)?bin/(env )?(ba)?sh' .ci packaging tests 2>/dev/null | $(LINT_TIME) xargs -r shellcheck -x -S warning
	@grep -rLE '^#!' --include='*.sh' packaging tests 2>/dev/null | $(LINT_TIME) xargs -r shellcheck -x -s bash -S warning -e SC2034

# Reports in Chromium: screenshots against golden images, console, requests, axe-core.  Not part of `make test`: it
# needs a browser and npm's registry; CI may run it as a job of its own.
.PHONY: check-browser
check-browser: deps-browser
	@command -v npm >/dev/null || $(MAKE) --no-print-directory deps-node
	@tests/browser/run.sh $(BROWSER)

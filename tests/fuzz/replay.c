/* Runs a fuzz target on the files named, without a fuzzer: the corpus, and every input that once broke something. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

int main(int argc, char **argv)
{
    uint8_t *data = malloc(INPUT_MAX);

    if (data == NULL) {
        return 70;
    }
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        size_t n;

        if (f == NULL) {
            perror(argv[i]);
            free(data);
            return 66;
        }
        n = fread(data, 1, INPUT_MAX, f);
        (void)fclose(f);
        /* Said before it is run: a crash leaves its name. */
        (void)printf("%s\n", argv[i]);
        (void)fflush(stdout);
        (void)LLVMFuzzerTestOneInput(data, n);
    }
    free(data);
    return 0;
}

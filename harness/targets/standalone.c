/* SPDX-License-Identifier: MIT */
/*
 * OSS-Fuzz's engine "none" as a library: runs the files named as arguments, once
 * each. It knows nothing of a target but its entry; builds without an engine
 * have main.c instead, which knows programs and reports. scripts/check-oss-fuzz
 * links it as $LIB_FUZZING_ENGINE.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More than any input has. */
#define INPUT_BYTES_MAX 65536

int main(int argc, char **argv)
{
    static uint8_t data[INPUT_BYTES_MAX];

    for ( int i = 1; i < argc; i++ )
    {
        FILE *f = fopen(argv[i], "rb");
        size_t size;
        uint8_t *input;

        if ( !f )
        {
            perror(argv[i]);
            return 2;
        }
        size = fread(data, 1, sizeof(data), f);
        fclose(f);
        /* In memory of its own size, so that a sanitizer sees its end. */
        input = malloc(size ? size : 1);
        if ( !input )
        {
            perror(argv[i]);
            return 2;
        }
        memcpy(input, data, size);
        LLVMFuzzerTestOneInput(input, size);
        free(input);
    }
    return 0;
}

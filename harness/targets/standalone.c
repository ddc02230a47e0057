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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More than any input has. */
#define INPUT_BYTES_MAX 65536

int main(int argc, char **argv)
{
    for ( int i = 1; i < argc; i++ )
    {
        uint8_t *data = malloc(INPUT_BYTES_MAX);
        FILE *f = fopen(argv[i], "rb");
        size_t size;

        if ( !data || !f )
        {
            perror(argv[i]);
            return 2;
        }
        size = fread(data, 1, INPUT_BYTES_MAX, f);
        fclose(f);
        LLVMFuzzerTestOneInput(data, size);
        free(data);
    }
    return 0;
}

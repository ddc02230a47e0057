/* SPDX-License-Identifier: MIT */
/* The name of a saved input; see saved.h. */
#include "saved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- SHA-1, as FIPS 180-4 has it: a name, no secret ---- */

#define BLOCK 64

static uint32_t rotate(uint32_t x, unsigned int by)
{
    return x << by | x >> (32 - by);
}

static void sha1_block(uint32_t h[5], const uint8_t *p)
{
    uint32_t w[80], v[5];

    for ( unsigned int i = 0; i < 16; i++ )
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
               (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for ( unsigned int i = 16; i < 80; i++ )
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    memcpy(v, h, sizeof(v));
    for ( unsigned int i = 0; i < 80; i++ )
    {
        uint32_t f = i < 20   ? (v[1] & v[2]) | (~v[1] & v[3])
                     : i < 40 ? v[1] ^ v[2] ^ v[3]
                     : i < 60 ? (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])
                              : v[1] ^ v[2] ^ v[3];
        uint32_t k = i < 20   ? 0x5a827999
                     : i < 40 ? 0x6ed9eba1
                     : i < 60 ? 0x8f1bbcdc
                              : 0xca62c1d6;
        uint32_t next = rotate(v[0], 5) + f + v[4] + k + w[i];

        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotate(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
    for ( unsigned int i = 0; i < 5; i++ )
        h[i] += v[i];
}

void sha1_text(char text[SHA1_TEXT], const uint8_t *data, size_t length)
{
    uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
                      0xc3d2e1f0 };
    uint8_t last[2 * BLOCK] = { 0 };
    size_t rest = length % BLOCK, size = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;

    for ( size_t at = 0; at + BLOCK <= length; at += BLOCK )
        sha1_block(h, data + at);
    if ( rest )
        memcpy(last, data + length - rest, rest);
    last[rest] = 0x80;
    for ( unsigned int i = 0; i < 8; i++ )
        last[size - 1 - i] = (uint8_t)((uint64_t)length * 8 >> (8 * i));
    for ( size_t at = 0; at < size; at += BLOCK )
        sha1_block(h, last + at);
    for ( unsigned int i = 0; i < 5; i++ )
        snprintf(text + 8 * i, 9, "%08x", h[i]);
}

/* ---- libFuzzer's options ---- */

#ifdef CLAIMCHECK_LIBFUZZER
#define PREFIX "-artifact_prefix="
#define EXACT "-exact_artifact_path="
#define OPTIONS_MAX (64 * 1024)

/* The value of an option of this process; NULL if it was not given. */
static const char *option(const char *options, size_t length, const char *name)
{
    const char *found = NULL;

    for ( size_t at = 0; at < length; at += strlen(options + at) + 1 )
        if ( !strncmp(options + at, name, strlen(name)) )
            found = options + at + strlen(name);

    return found;
}

/* The files among the arguments: an input that is run from one is not saved
 * again. How many, and the last of them. */
static unsigned int files(const char *options, size_t length,
                          const char **file)
{
    unsigned int nr = 0;
    struct stat st;

    for ( size_t at = strlen(options) + 1; at < length;
          at += strlen(options + at) + 1 )
        if ( options[at] != '-' && !stat(options + at, &st) &&
             S_ISREG(st.st_mode) )
        {
            *file = options + at;
            nr++;
        }

    return nr;
}

bool saved_path(char *path, size_t size, const uint8_t *input, size_t length)
{
    static char options[OPTIONS_MAX];
    FILE *f = fopen("/proc/self/cmdline", "rb");
    size_t n = f ? fread(options, 1, sizeof(options) - 1, f) : 0;
    const char *prefix, *exact, *file = NULL;
    unsigned int nr;
    char sha1[SHA1_TEXT];

    if ( f )
        fclose(f);
    options[n] = 0;
    nr = files(options, n, &file);
    if ( nr )
        return nr == 1 && snprintf(path, size, "%s", file) < (int)size;
    prefix = option(options, n, PREFIX);
    exact = option(options, n, EXACT);
    sha1_text(sha1, input, length);
    if ( exact && *exact )
        return snprintf(path, size, "%s", exact) < (int)size;

    return snprintf(path, size, "%scrash-%s", prefix ? prefix : "./", sha1) <
           (int)size;
}
#else
bool saved_path(char *path, size_t size, const uint8_t *input, size_t length)
{
    (void)path;
    (void)size;
    (void)input;
    (void)length;

    return false;
}
#endif

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

/* ---- the words that the program was called with ---- */

#define WORDS_MAX (64 * 1024)

/* Words of this process's command line, each with a 0. */
struct words
{
    char s[WORDS_MAX];
    size_t length;
};

static const char *next(const struct words *w, const char *word)
{
    word += strlen(word) + 1;

    return word < w->s + w->length ? word : NULL;
}

static void read_words(struct words *w)
{
    FILE *f = fopen("/proc/self/cmdline", "rb");

    w->length = f ? fread(w->s, 1, sizeof(w->s) - 1, f) : 0;
    w->s[w->length] = 0;
    if ( f )
        fclose(f);
}

/* Is it a file with these bytes? */
static bool holds(const char *path, const uint8_t *input, size_t length)
{
    uint8_t part[4096];
    size_t at = 0, n;
    struct stat st;
    bool same;
    FILE *f;

    if ( stat(path, &st) || !S_ISREG(st.st_mode) ||
         (size_t)st.st_size != length )
        return false;
    f = fopen(path, "rb");
    same = f != NULL;
    for ( ; same && at < length; at += n )
    {
        n = fread(part, 1, sizeof(part), f);
        same = n && n <= length - at && !memcmp(part, input + at, n);
    }
    if ( f )
        fclose(f);

    return same;
}

/* The file among the arguments that the input was read from: no engine saves it
 * again. It says only that the bytes are the same, which is as good. */
static const char *given(const struct words *w, const uint8_t *input,
                         size_t length)
{
    for ( const char *word = next(w, w->s); word; word = next(w, word) )
        if ( *word != '-' && holds(word, input, length) )
            return word;

    return NULL;
}

#ifdef CLAIMCHECK_LIBFUZZER
/* The value of an option of libFuzzer's; NULL if it was not given. */
static const char *option(const struct words *w, const char *name)
{
    const char *found = NULL;

    for ( const char *word = w->s; word; word = next(w, word) )
        if ( !strncmp(word, name, strlen(name)) )
            found = word + strlen(name);

    return found;
}

/* As libFuzzer names it, with the options -artifact_prefix and
 * -exact_artifact_path. */
static bool to_be_saved(const struct words *w, char *path, size_t size,
                        const uint8_t *input, size_t length)
{
    const char *prefix = option(w, "-artifact_prefix=");
    const char *exact = option(w, "-exact_artifact_path=");
    char sha1[SHA1_TEXT];

    if ( exact && *exact )
        return snprintf(path, size, "%s", exact) < (int)size;
    sha1_text(sha1, input, length);

    return snprintf(path, size, "%scrash-%s", prefix ? prefix : "./", sha1) <
           (int)size;
}
#else
static bool to_be_saved(const struct words *w, char *path, size_t size,
                        const uint8_t *input, size_t length)
{
    (void)w;
    (void)path;
    (void)size;
    (void)input;
    (void)length;

    return false;
}
#endif

bool saved_path(char *path, size_t size, const uint8_t *input, size_t length)
{
    static struct words w;
    const char *file;

    read_words(&w);
    file = w.length ? given(&w, input, length) : NULL;
    if ( file )
        return snprintf(path, size, "%s", file) < (int)size;

    return to_be_saved(&w, path, size, input, length);
}

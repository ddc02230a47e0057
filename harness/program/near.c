/* SPDX-License-Identifier: MIT */
/* Edit distance of short words; see near.h. */
#include "near.h"

#include <stdbool.h>
#include <string.h>

/* Longer words than there are: not compared. */
#define NEAR_LEN_MAX 40
/* In shorter ones a second slip is a guess. */
#define SHORT_WORD 6

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
    a = a < b ? a : b;
    return a < c ? a : c;
}

char near_lower(char c)
{
    if ( c < 'A' || c > 'Z' )
        return c;

    return "abcdefghijklmnopqrstuvwxyz"[c - 'A'];
}

static unsigned int distance(const char *a, size_t la, const char *b,
                             size_t lb)
{
    unsigned int d[NEAR_LEN_MAX + 1][NEAR_LEN_MAX + 1];

    for ( unsigned int i = 0; i <= la; i++ )
        d[i][0] = i;
    for ( unsigned int j = 0; j <= lb; j++ )
        d[0][j] = j;
    for ( size_t i = 1; i <= la; i++ )
        for ( size_t j = 1; j <= lb; j++ )
        {
            bool differ = near_lower(a[i - 1]) != near_lower(b[j - 1]);

            d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
                           d[i - 1][j - 1] + differ);
            if ( i > 1 && j > 1 &&
                 near_lower(a[i - 1]) == near_lower(b[j - 2]) &&
                 near_lower(a[i - 2]) == near_lower(b[j - 1]) &&
                 d[i - 2][j - 2] + 1 < d[i][j] )
                d[i][j] = d[i - 2][j - 2] + 1;
        }

    return d[la][lb];
}

void near_start(struct near *n, const char *s, size_t len)
{
    *n = (struct near){ .s = s,
                        .len = len,
                        .slips = 1 + (len < SHORT_WORD ? 1 : 2) };
}

void near_try(struct near *n, const char *word)
{
    size_t len = word ? strlen(word) : 0;
    unsigned int d;

    if ( !len || len > NEAR_LEN_MAX || n->len > NEAR_LEN_MAX )
        return;
    d = distance(n->s, n->len, word, len);
    /* Nothing of the word may be left: "x" is not nearly "1". */
    if ( d >= len || d >= n->slips )
        return;
    n->slips = d;
    n->best = word;
}

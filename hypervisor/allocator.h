/* SPDX-License-Identifier: MIT */
/*
 * The allocator level: what the stub's hypercall front end stands on, and the
 * place to plug in somebody else's page allocator.
 *
 * An allocator owns the free pages, the claims and the page counters of every
 * domain, and takes page_alloc_lock and heap_lock around them. The front end
 * (stub/) owns domains' lifetimes, references to pages, guest memory, argument
 * checks and continuations. Domains are slots 0..HV_DOMS_MAX-1 here.
 *
 * Not here: hypercalls, domids, errno of hypercalls. Rules: docs/rules.md, rules 4.
 */
#ifndef CLAIMCHECK_ALLOCATOR_H
#define CLAIMCHECK_ALLOCATOR_H

#include "hypervisor.h"

/* "No domain": the hypervisor allocates for itself. */
#define ALLOC_NO_DOMAIN (-1)
/* "No frame": the allocation failed. */
#define ALLOC_NO_FRAME UINT64_MAX
/* "No node asked for." */
#define ALLOC_NO_NODE (-1)

/* Flags of alloc and assign. */
#define ALLOC_NO_REFCOUNT                                                     \
    (1U << 0)                      /* MEMF_no_refcount: never uses a claim;
                                     * assigned as an extra page (PGC_extra) */
#define ALLOC_EXACT_NODE (1U << 1) /* that node or none                     */
/* begin, ALLOC_CAP_STASH: MEMF_no_scrub and MEMF_keep_scrub, so that who asks scrubs
 * the block himself, before end. */
#define ALLOC_KEEP_DIRTY (1U << 2)

struct alloc_request
{
    int dom;        /* slot or ALLOC_NO_DOMAIN                               */
    uint32_t order; /* 2^order pages; above HV_ORDERS-1 there is no block    */
    uint32_t flags; /* ALLOC_*                                               */
    int node;       /* 0.. or ALLOC_NO_NODE; may be a node that is not there */
    uint32_t zone_max; /* highest zone allowed; HV_ZONES - 1 for any         */
};

/* What the front end lends to the allocator. */
struct alloc_services
{
    void *ctx;
    /* The front end has the lock objects, one for each lock: dom is the slot
     * whose page_alloc_lock is meant, else ALLOC_NO_DOMAIN. */
    void (*lock)(void *ctx, enum hv_lock lock, int dom, const char *fn,
                 int line);
    void (*unlock)(void *ctx, enum hv_lock lock, int dom, const char *fn,
                   int line);
    /* Is the domain dying or dead? Asked by assign under page_alloc_lock. */
    bool (*dying)(void *ctx, int dom);
    void (*fail)(void *ctx, const char *id, const char *what, const char *file,
                 int line);
};

struct alloc_config
{
    uint32_t nodes;
    uint32_t
        node_pages; /* frames of node n: HV_FRAME_BASE + n * node_pages.. */
    /* Pages of each node, the last ones, set aside for domains on a host with LLC
     * colouring (0 without ALLOC_CAP_COLOUR): a domain gets its pages from there, of order 0 only, without
     * gate, node or zone, and they return there; they are neither in the heap nor
     * its counts, and taking one does not touch claims (assigning it does, in
     * R-A and R-B; rules 4.4). The hypervisor's own pages come from the heap as
     * ever. 0: no colouring. */
    uint32_t colour_pages;
    bool redeem_at_alloc; /* regime R-C: a claim shrinks with the heap; else
                           * at assign (R-A, R-B)                            */
    bool grow_on_free;  /* regime R-A: freeing raises a claim that is not 0 */
    uint32_t sets;      /* draft of claim sets that is followed, 7 or 8; 0:
                           * none, or no ALLOC_CAP_SETS                      */
    unsigned int fault; /* planted fault, 0 for none (stub/faults.def);
                           * only the stub's own allocator knows any         */
};

/* A page, as an audit wants to know it. */
struct alloc_page
{
    int8_t owner; /* slot that it is accounted to, ALLOC_NO_DOMAIN for free
                   * pages and the hypervisor's                              */
    bool free;
};

/* Claims in their parts, pages. */
struct alloc_parts
{
    uint32_t
        node_claimed[HV_NODES_MAX]; /* on each node, of all domains      */
    struct
    {
        uint32_t host; /* what of a domain's claim is for no node            */
        uint32_t node[HV_NODES_MAX];
    } dom[HV_DOMS_MAX];
};

/* What not every allocator can do: cases that need it are skipped. */
enum alloc_cap
{
    ALLOC_CAP_COLOUR =
        1U << 0,              /* pages set aside by colour (colour_pages)    */
    ALLOC_CAP_SETS = 1U << 1, /* claim sets: claim_set, parts                */
    ALLOC_CAP_OFFLINE = 1U << 2, /* offline, online, offline_query           */
    ALLOC_CAP_CONTENTS = 1U << 3, /* contents of pages: write, page          */
    ALLOC_CAP_EXCHANGE = 1U << 4, /* exchange: steal, adopt; begin           */
    ALLOC_CAP_STASH = 1U << 5,    /* ALLOC_KEEP_DIRTY, scrub, put_back; begin,
                                   * end */
};

#define ALLOC_CAPS_ALL ((1U << 6) - 1)

struct allocator_ops
{
    const char *name;
    uint32_t caps; /* enum alloc_cap */
    /* The largest node that it can do, pages; 0: HV_NODE_PAGES_MAX. */
    uint32_t node_pages_max;

    /* An allocator, which is used after an init; svc outlives it. NULL: out of
     * memory. / It is not used any more. */
    void *(*open)(const struct alloc_services *svc);
    void (*close)(void *a);

    /* All pages free, no domain, no claim. */
    void (*init)(void *a, const struct alloc_config *config);

    /* Snapshots of the whole state, as large as they must be; any number, of
     * one allocator. into: one that is not needed any more, to be written over,
     * or NULL for a new one; the result is NULL if memory ran out, and into is
     * gone. A restore is cheap: it is done before each case. */
    void *(*save)(const void *a, void *into);
    void (*restore)(void *a, const void *saved);
    void (*discard)(void *saved);
    /* Of the whole state: the same in every process, wherever it lies. */
    uint64_t (*hash)(const void *a);

    /* A new domain in a slot: counters 0, limit 0. / The domain is gone; a claim
     * that it still holds stays counted for the host (rules 3.10). */
    void (*domain_init)(void *a, int dom);
    void (*domain_gone)(void *a, int dom);

    /* domain_set_outstanding_pages: 0, -EINVAL, -ENOMEM (rules 1.2). pages is
     * the total wanted, owned pages included; 0 releases. */
    long (*claim)(void *a, int dom, uint64_t pages);
    /* ALLOC_CAP_SETS: a claim in parts, from the entries of a claim set, which
     * are nr: 0, -EINVAL, -ENOENT, -ENOMEM (docs/claim-sets.md). The set is no
     * total: pages owned do not count. / The parts, under heap_lock. */
    long (*claim_set)(void *a, int dom, uint32_t nr,
                      const struct xen_memory_claim *set);
    void (*parts)(const void *a, struct alloc_parts *parts);

    /*
     * Pages for a domain, or for the hypervisor (ALLOC_NO_DOMAIN): first frame
     * of the block or ALLOC_NO_FRAME. Either in one piece, or begin and end,
     * between which the front end may look; alloc_domheap is taken if there
     * are both.
     */
    uint64_t (*alloc_domheap)(void *a, const struct alloc_request *req);
    /* Heap level: gate, choice of a block, counters; claims in regime R-C
     * (rules 4.1-4.3). The block is nobody's. */
    uint64_t (*begin)(void *a, const struct alloc_request *req);
    /* Give it to the domain (there is one): limit, counters; claims in regimes
     * R-A and R-B (rules 4.5). False: it may not have it, and the block was
     * freed again. */
    bool (*end)(void *a, const struct alloc_request *req, uint64_t frame);
    /* Free a block, or a piece of one: of a domain (counters, claims in R-A),
     * or of the hypervisor / never assigned (ALLOC_NO_DOMAIN) (rules 4.7). */
    void (*free)(void *a, int dom, uint64_t frame, uint32_t order);

    /*
     * ALLOC_CAP_OFFLINE: offline_page(), online_page(), query_page_offline() of
     * a frame of the host (docs/rules.md, rules 3.16): 0 or -EINVAL, and the status word
     * (PG_OFFLINE_*) where the rules give one, else it is left alone. A page in
     * use is taken out by free, when it is freed; whose it is the allocator
     * knows. broken: by a machine check.
     */
    long (*offline)(void *a, uint64_t frame, bool broken, uint32_t *status);
    long (*online)(void *a, uint64_t frame, uint32_t *status);
    long (*offline_query)(void *a, uint64_t frame, uint32_t *status);
    /* ALLOC_CAP_EXCHANGE: a page of a domain is nobody's, but still counted as
     * the domain's. / A block that is nobody's becomes the domain's, which
     * counts it already (rules 3.6); false: it is dying, and counts rest pages
     * less from then on (claims as by free). */
    void (*steal)(void *a, int dom, uint64_t frame);
    bool (*adopt)(void *a, int dom, uint64_t frame, uint32_t order,
                  uint32_t rest);

    void (*set_max)(void *a, int dom, uint32_t pages);
    void (*set_affinity)(void *a, int dom, uint32_t node_mask);

    void (*heap)(const void *a, uint64_t *free, uint64_t *claimed);
    void (*node_free)(const void *a, uint64_t pages[HV_NODES_MAX]);
    /* tot, extra, max and claim of the domains in a mask of slots, at once: it is
     * asked after every call. All else is left alone. */
    void (*counts)(const void *a, uint32_t doms,
                   struct hv_domain_view dom[HV_DOMS_MAX]);
    /* Optional; NULL: the allocator cannot say, and large orders are not
     * predicted. */
    void (*capacity)(const void *a, struct hv_capacity *c);

    /* Walk everything: NULL, or the id of the broken invariant (BUDDY, CONSERVE,
     * OWNER, ...) and a line about it. */
    const char *(*audit)(const void *a, char *why, size_t size);
    /* So many pages of the host, from a frame on. */
    void (*pages)(const void *a, uint64_t frame, uint32_t nr,
                  struct alloc_page *pages);

    /* ALLOC_CAP_CONTENTS: a page has contents, which a domain writes and the
     * allocator scrubs (rules 4.9). / What is in a page: all of *page but for
     * its owner. / Free pages of each node that are counted as dirty. */
    void (*write)(void *a, uint64_t frame, uint32_t word);
    void (*page)(const void *a, uint64_t frame, struct hv_page *page);
    void (*scrub_pages)(const void *a, uint64_t pages[HV_NODES_MAX]);
    /* ALLOC_CAP_STASH: scrub dirty pages of a block that is nobody's, from the
     * one with that number on, so many at most. The number of the page where it
     * is to go on, or 2^order. */
    uint32_t (*scrub)(void *a, uint64_t frame, uint32_t order, uint32_t from,
                      uint32_t most);
    /* Free such a block: what is not scrubbed yet is dirty. */
    void (*put_back)(void *a, uint64_t frame, uint32_t order);
};

#endif /* CLAIMCHECK_ALLOCATOR_H */

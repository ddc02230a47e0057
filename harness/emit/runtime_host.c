/* SPDX-License-Identifier: MIT */
/*
 * The second part of an emitted program, behind runtime.c: may it run on this
 * host, and how does it leave.
 */

static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define NR_STOPS (sizeof(stops) / sizeof(stops[0]))

static void on_stop(int sig)
{
    stop_signal = sig;
}

/* The version of an interface that Xen does not refuse, asked with a command
 * that changes nothing; 0: none was found. */
static unsigned int version_of_xen(unsigned int op, uint32_t cmd)
{
    struct
    {
        uint32_t cmd, version;
    } *head = (void *)(uintptr_t)ARG(PAGE); /* room for longer structures */
    unsigned int version = 0;

    do
    {
        memset(head, 0, PAGE);
        head->cmd = cmd;
        head->version = ++version;
        if ( xencall1(xen, op, (uint64_t)(uintptr_t)head) >= 0 ||
             errno != EACCES )
            return version;
    } while ( version < VERSION_MAX );

    return 0;
}

static void check_headers(long rc)
{
    if ( rc == -EACCES )
        fprintf(stderr,
                "compiled with the headers of another Xen than this one: "
                "interface version of domctl %#x, of sysctl %#x; this Xen "
                "has %#x, %#x (0: not found)\n",
                XEN_DOMCTL_INTERFACE_VERSION, XEN_SYSCTL_INTERFACE_VERSION,
                version_of_xen(__HYPERVISOR_domctl, XEN_DOMCTL_getdomaininfo),
                version_of_xen(__HYPERVISOR_sysctl, XEN_SYSCTL_physinfo));
    else if ( rc )
        fprintf(stderr, "not allowed to control this Xen: %s\n",
                strerror((int)-rc));
    if ( rc )
        exit(CANNOT_RUN);
}

/* The program is for a host of its own. */
static void check_alone(int force)
{
    unsigned int dom = 1;

    while ( dom < DOMID_FIRST_RESERVED && !exists(dom) )
        dom++;
    if ( dom < DOMID_FIRST_RESERVED )
        fprintf(stderr, "d%u exists", dom);
    else if ( claimed_before )
        fprintf(stderr, "%" PRIu64 " pages are claimed", claimed_before);
    else
        return;
    fprintf(stderr,
            ", not by this program, which is for a host of its "
            "own%s\n",
            force ? ": --force, so it touches only what it creates"
                  : "; --force runs it here");
    if ( !force )
        exit(CANNOT_RUN);
}

static void watch_signals(void)
{
    struct sigaction action = { .sa_handler = on_stop };

    for ( unsigned int i = 0; i < NR_STOPS; i++ )
        sigaction(stops[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void start(int argc, char **argv)
{
    int force = argc == 2 && !strcmp(argv[1], "--force");
    struct xen_sysctl_physinfo info;
    long rc;

    if ( argc > 1 + force )
    {
        fprintf(stderr, "usage: %s [--force]\n", argv[0]);
        exit(BAD_USAGE);
    }
    xen = xencall_open(NULL, 0);
    foreign = xenforeignmemory_open(NULL, 0);
    if ( !xen || !foreign )
    {
        fprintf(stderr, "no Xen here, or not root\n");
        exit(CANNOT_RUN);
    }
    arg_end = window(ARG_PAGES);
    list_end = window(LIST_PAGES);
    rc = physinfo(&info);
    check_headers(rc ? rc : any_domctl(XEN_DOMCTL_getdomaininfo, 0, 0));
    claimed_before = info.outstanding_pages;
    dom0_claim_before = domctl_arg.u.getdomaininfo.outstanding_pages;
    dom0_max_before = domctl_arg.u.getdomaininfo.max_pages;
    check_alone(force);
    watch_signals();
}

/* dom0's limit, and its claim if it had none. */
static long restore_dom0(void)
{
    struct reservation release = { .cmd = XENMEM_claim_pages,
                                   .arg = ARG(32),
                                   .arg_bytes = 32 };
    const struct xen_domctl_getdomaininfo *now = &domctl_arg.u.getdomaininfo;
    long rc = 0;

    if ( !exists(0) )
        return -ESRCH;
    if ( now->max_pages != dom0_max_before )
        rc = any_domctl(XEN_DOMCTL_max_mem, 0,
                        dom0_max_before * (PAGE / 1024));
    if ( !rc && !dom0_claim_before && exists(0) && now->outstanding_pages )
        rc = memory_op(release);

    return rc;
}

/* Take back what was made and changed; returns how much could not be. */
static unsigned int clean_up(void)
{
    unsigned int left = 0;
    long rc;

    /* A signal may be why we are here, and must not end it early. */
    for ( unsigned int i = 0; i < NR_STOPS; i++ )
        signal(stops[i], SIG_IGN);
    stop_signal = 0;
    for ( unsigned int i = 0; i < nr_mapped; i++ )
        if ( mapped[i].at )
        {
            xenforeignmemory_unmap(foreign, mapped[i].at, 1);
            mapped[i].at = NULL;
        }
    for ( unsigned int dom = 1; dom < DOMID_FIRST_RESERVED; dom++ )
    {
        rc = ours[dom] == CREATED
                 ? any_domctl(XEN_DOMCTL_destroydomain, dom, 0)
                 : 0;
        ours[dom] = NOT_OURS;
        if ( !rc )
            continue;
        left++;
        fprintf(stderr, "d%u is left behind: %s\n", dom, strerror((int)-rc));
    }
    rc = restore_dom0();
    if ( rc )
        fprintf(stderr, "dom0 is not as it was: %s\n", strerror((int)-rc));

    return left + !!rc;
}

/* Early: what was seen so far stands. */
static void leave(int rc)
{
    int signal = rc > STOPPED ? rc - STOPPED : 0;

    if ( clean_up() )
        rc = FAILED;
    else if ( wrong )
        rc = NOT_AS_THE_RULES_SAY;
    if ( signal )
        fprintf(stderr, "stopped by signal %d, cleaned up\n", signal);
    exit(rc);
}

static int end(void)
{
    if ( clean_up() )
        return FAILED;
    printf("%s\n", wrong ? "not as the rules say" : "as the rules say");

    return fflush(stdout) ? FAILED : wrong ? NOT_AS_THE_RULES_SAY : 0;
}

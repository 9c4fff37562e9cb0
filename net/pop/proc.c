// SPDX-License-Identifier: GPL-2.0
/* /proc/net/pop: node, contracts, channels, sockets, snmp. */

#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "channel.h"
#include "charge.h"
#include "proc.h"
#include "socket.h"

static const char *const contract_states[] = {
	[POP_CONTRACT_STATE_INSTALLED]	= "installed",
	[POP_CONTRACT_STATE_OPEN]	= "open",
	[POP_CONTRACT_STATE_RUNNING]	= "running",
	[POP_CONTRACT_STATE_SETTLING]	= "settling",
	[POP_CONTRACT_STATE_CLOSED]	= "closed",
	[POP_CONTRACT_STATE_ABORTED]	= "aborted",
};

static const char *const channel_states[] = {
	[POP_CHANNEL_STATE_CLOSED]		= "closed",
	[POP_CHANNEL_STATE_OPEN]		= "open",
	[POP_CHANNEL_STATE_HALF_HEADER]		= "half-header",
	[POP_CHANNEL_STATE_HALF_PAYLOAD]	= "half-payload",
	[POP_CHANNEL_STATE_EXECUTED]		= "executed",
	[POP_CHANNEL_STATE_LATE]		= "late",
	[POP_CHANNEL_STATE_VIOLATED]		= "violated",
	[POP_CHANNEL_STATE_VOID]		= "void",
	[POP_CHANNEL_STATE_HELD]		= "held",
	[POP_CHANNEL_STATE_ECHO]		= "echo",
};

static_assert(ARRAY_SIZE(channel_states) == POP_CHANNEL_STATE_ECHO + 1);

/* What the state does not tell. */
static const char *channel_flags(u8 flags)
{
	switch (flags & (POP_CHANNEL_F_OVERDUE | POP_CHANNEL_F_VIOLATED)) {
	case POP_CHANNEL_F_OVERDUE:
		return "overdue";
	case POP_CHANNEL_F_VIOLATED:
		return "violated";
	case POP_CHANNEL_F_OVERDUE | POP_CHANNEL_F_VIOLATED:
		return "overdue,violated";
	}
	return "-";
}

static const char *const mib_names[] = {
#define X(item, name) name,
	POP_MIB_LIST(X)
#undef X
};

static struct pop_net *seq_pop_net(struct seq_file *seq)
{
	return pop_net(seq_file_net(seq));
}

/**
 * struct place - where the dump of a file is
 * @p: for proc_net
 * @contract: number of the contract
 * @party: in it, for channels
 * @index: of the channel
 * @pos: of the record
 * @m: the local party, while pop_net.lock is held
 *
 * A buffer is filled under pop_net.lock, one after the other without. What is
 * kept between two names the record that is next, or its place if it has gone: to
 * find that again takes no longer the more contracts there are.
 */
struct place {
	struct seq_net_private	p;
	unsigned long		contract;
	u32			party;
	u32			index;
	loff_t			pos;
	struct pop_member	*m;
};

/* A record at the head, then from @at on. Context: takes pop_net.lock. */
static bool dump_start(struct seq_file *seq, loff_t pos)
{
	struct place *at = seq->private;

	mutex_lock(&seq_pop_net(seq)->lock);
	/* seq_file reads on, or from the beginning */
	if (pos && pos == at->pos)
		return true;
	at->contract = 0;
	at->party = 0;
	at->index = 0;
	return false;
}

static void dump_stop(struct seq_file *seq, void *v)
{
	mutex_unlock(&seq_pop_net(seq)->lock);
}

/* Return: the contract at @at, or the first behind; or NULL. */
static struct pop_contract *place_contract(struct pop_net *pn, struct place *at)
{
	return xa_find(&pn->order, &at->contract, ULONG_MAX, XA_PRESENT);
}

static void *contract_start(struct seq_file *seq, loff_t *pos)
{
	return dump_start(seq, *pos) ?
		place_contract(seq_pop_net(seq), seq->private) :
		SEQ_START_TOKEN;
}

static void *contract_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct place *at = seq->private;

	at->pos = ++*pos;
	if (v != SEQ_START_TOKEN)
		at->contract++;
	return place_contract(seq_pop_net(seq), at);
}

static int contract_show(struct seq_file *seq, void *v)
{
	struct pop_contract *c = v;
	const struct pop_member *m;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "contract                                                         name                    state     parties phases slots local\n");
		return 0;
	}
	seq_printf(seq, "%*phN %-23s %-9s %7u %6u %5u ", POP_HASH_LEN, c->hash,
		   c->plan.body->name, contract_states[pop_contract_state(c)],
		   c->plan.nr_parties, c->plan.nr_phases, c->plan.nr_slots);
	list_for_each_entry(m, &c->members, list)
		seq_printf(seq, "%s%s:%u", list_is_first(&m->list, &c->members) ?
			   "" : ",", c->plan.party[m->party].name,
			   READ_ONCE(m->phase));
	if (list_empty(&c->members))
		seq_putc(seq, '-');
	seq_putc(seq, '\n');
	return 0;
}

static const struct seq_operations contracts_ops = {
	.start	= contract_start,
	.next	= contract_next,
	.stop	= dump_stop,
	.show	= contract_show,
};

/* Return: the channel at @at, or the first behind; or NULL. */
static void *place_channel(struct pop_net *pn, struct place *at)
{
	struct pop_contract *c;
	unsigned long number;

	xa_for_each_start(&pn->order, number, c, at->contract) {
		if (number != at->contract) {
			at->contract = number;
			at->party = 0;
			at->index = 0;
		}
		list_for_each_entry(at->m, &c->members, list) {
			if (at->m->party < at->party)
				continue;
			if (at->m->party > at->party)
				at->index = 0;
			at->party = at->m->party;
			if (at->index < at->m->nr_in + at->m->nr_out)
				return &at->m->channel[at->index];
		}
		/* those that may come are not for this dump */
		at->party = U32_MAX;
	}
	return NULL;
}

static void *channels_start(struct seq_file *seq, loff_t *pos)
{
	return dump_start(seq, *pos) ?
		place_channel(seq_pop_net(seq), seq->private) :
		SEQ_START_TOKEN;
}

static void *channels_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct place *at = seq->private;

	at->pos = ++*pos;
	if (v != SEQ_START_TOKEN &&
	    ++at->index < at->m->nr_in + at->m->nr_out)
		return &at->m->channel[at->index];
	return place_channel(seq_pop_net(seq), at);
}

static int channels_show(struct seq_file *seq, void *v)
{
	const struct place *at = seq->private;
	struct pop_channel *ch = v;
	const struct pop_plan *plan;
	u8 digest[POP_HASH_LEN], state;
	u32 done;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "contract         party                   dir phase action                  peer                    state        executed slots digest           flags\n");
		return 0;
	}
	plan = &at->m->contract->plan;
	state = pop_channel_state(at->m, ch, digest, &done);
	seq_printf(seq, "%*phN %-23s %-3s %5u %-23s %-23s %-12s %8u %5u %*phN %s\n",
		   8, at->m->contract->hash,
		   plan->party[at->m->party].name,
		   pop_channel_is_input(at->m, ch) ? "in" : "out", ch->phase,
		   plan->action[ch->action].name, plan->party[ch->peer].name,
		   channel_states[state], done, ch->count, 8, digest,
		   channel_flags(READ_ONCE(ch->flags)));
	return 0;
}

static const struct seq_operations channels_ops = {
	.start	= channels_start,
	.next	= channels_next,
	.stop	= dump_stop,
	.show	= channels_show,
};

/* There may be many: nothing waits while they are walked. */
static void *sockets_start(struct seq_file *seq, loff_t *pos)
	__acquires(rcu)
{
	rcu_read_lock();
	return seq_hlist_start_head_rcu(&seq_pop_net(seq)->sockets, *pos);
}

static void *sockets_next(struct seq_file *seq, void *v, loff_t *pos)
{
	return seq_hlist_next_rcu(v, &seq_pop_net(seq)->sockets, pos);
}

static void sockets_stop(struct seq_file *seq, void *v)
	__releases(rcu)
{
	rcu_read_unlock();
}

static int sockets_show(struct seq_file *seq, void *v)
{
	const struct pop_member *m;
	struct pop_sock *ps;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "inode      uid   proto     recvq    sendq    drops    contract         party\n");
		return 0;
	}
	ps = hlist_entry(v, struct pop_sock, all);
	m = READ_ONCE(ps->member);
	seq_printf(seq, "%-10lu %5u %-9s %8d %8d %8d ", sock_i_ino(&ps->sk),
		   from_kuid_munged(seq_user_ns(seq), sock_i_uid(&ps->sk)),
		   pop_sk_byzantine(&ps->sk) ? "byzantine" : "messages",
		   sk_rmem_alloc_get(&ps->sk), pop_socket_kept(ps),
		   atomic_read(&ps->sk.sk_drops));
	if (m)
		seq_printf(seq, "%*phN %s\n", 8, m->contract->hash,
			   m->contract->plan.party[m->party].name);
	else
		seq_puts(seq, "-                -\n");
	return 0;
}

static const struct seq_operations sockets_ops = {
	.start	= sockets_start,
	.next	= sockets_next,
	.stop	= sockets_stop,
	.show	= sockets_show,
};

/* In the format that nstat reads of sctp. */
static int snmp_show(struct seq_file *seq, void *v)
{
	struct pop_net *pn = pop_net(seq_file_single_net(seq));
	int i, cpu;

	for (i = 0; i < __POP_MIB_MAX; i++) {
		u64 sum = 0;

		for_each_possible_cpu(cpu)
			sum += per_cpu_ptr(pn->mib, cpu)->item[i];
		seq_printf(seq, "%-32s\t%llu\n", mib_names[i], sum);
	}
	return 0;
}

static int node_show(struct seq_file *seq, void *v)
{
	struct pop_net *pn = pop_net(seq_file_single_net(seq));

	mutex_lock(&pn->lock);
	seq_printf(seq, "version %s\nfamily %d\nport %u\ncontracts %u\nparties %u\npending %ld\nkept %ld\nrelayed %ld\n",
		   POP_MODULE_VERSION, pop_family, ntohs(pn->carrier.port),
		   pn->nr_contracts, pn->nr_members,
		   atomic_long_read(&pn->pending),
		   atomic_long_read(&pn->kept),
		   atomic_long_read(&pn->relayed));
	mutex_unlock(&pn->lock);
	return 0;
}

/* Contracts are their parties' business: what names them is for root. */
int pop_proc_init(struct pop_net *pn)
{
	struct net *net = pn->net;
	struct proc_dir_entry *dir = proc_net_mkdir(net, "pop", net->proc_net);

	if (!dir)
		return -ENOMEM;
	if (proc_create_net("contracts", 0400, dir, &contracts_ops,
			    sizeof(struct place)) &&
	    proc_create_net("channels", 0400, dir, &channels_ops,
			    sizeof(struct place)) &&
	    proc_create_net("sockets", 0400, dir, &sockets_ops,
			    sizeof(struct seq_net_private)) &&
	    proc_create_net_single("node", 0444, dir, node_show, NULL) &&
	    proc_create_net_single("snmp", 0444, dir, snmp_show, NULL))
		return 0;
	pop_proc_exit(pn);
	return -ENOMEM;
}

void pop_proc_exit(struct pop_net *pn)
{
	remove_proc_subtree("pop", pn->net->proc_net);
}

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
};

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

/* Contracts under pop_net.lock, which the whole of a read() holds. */
static void *contract_start(struct seq_file *seq, loff_t *pos)
{
	struct pop_net *pn = seq_pop_net(seq);

	mutex_lock(&pn->lock);
	return seq_list_start_head(&pn->contract_list, *pos);
}

static void *contract_next(struct seq_file *seq, void *v, loff_t *pos)
{
	return seq_list_next(v, &seq_pop_net(seq)->contract_list, pos);
}

static void contract_stop(struct seq_file *seq, void *v)
{
	mutex_unlock(&seq_pop_net(seq)->lock);
}

static int contract_show(struct seq_file *seq, void *v)
{
	struct pop_contract *c = list_entry(v, struct pop_contract, list);
	const struct pop_member *m;

	if (v == &seq_pop_net(seq)->contract_list) {
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
	.stop	= contract_stop,
	.show	= contract_show,
};

/*
 * Channels of all local parties. The position counts channels; where the last
 * record was is kept between reads, so that a dump takes linear time.
 */
struct channels_iter {
	struct seq_net_private p;
	struct pop_member *m;
	u32 index;
};

static struct pop_member *next_member(struct pop_net *pn, struct pop_member *m)
{
	struct pop_contract *c;

	if (m) {
		c = m->contract;
		if (!list_is_last(&m->list, &c->members))
			return list_next_entry(m, list);
		c = list_next_entry(c, list);
	} else {
		c = list_first_entry(&pn->contract_list, struct pop_contract,
				     list);
	}
	list_for_each_entry_from(c, &pn->contract_list, list)
		if (!list_empty(&c->members))
			return list_first_entry(&c->members, struct pop_member,
						list);
	return NULL;
}

/* The channel @skip places further on, or NULL. */
static void *channels_seek(struct seq_file *seq, u64 skip)
{
	struct channels_iter *iter = seq->private;
	struct pop_net *pn = seq_pop_net(seq);

	while (iter->m) {
		u32 left = iter->m->nr_in + iter->m->nr_out - iter->index;

		if (skip < left) {
			iter->index += skip;
			return &iter->m->channel[iter->index];
		}
		skip -= left;
		iter->index = 0;
		iter->m = next_member(pn, iter->m);
	}
	return NULL;
}

static void *channels_start(struct seq_file *seq, loff_t *pos)
{
	struct channels_iter *iter = seq->private;
	struct pop_net *pn = seq_pop_net(seq);

	mutex_lock(&pn->lock);
	if (!*pos)
		return SEQ_START_TOKEN;
	iter->m = next_member(pn, NULL);
	iter->index = 0;
	return channels_seek(seq, *pos - 1);
}

static void *channels_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct channels_iter *iter = seq->private;

	if (v == SEQ_START_TOKEN) {
		iter->m = next_member(seq_pop_net(seq), NULL);
		iter->index = 0;
		++*pos;
		return channels_seek(seq, 0);
	}
	++*pos;
	return channels_seek(seq, 1);
}

static int channels_show(struct seq_file *seq, void *v)
{
	struct channels_iter *iter = seq->private;
	struct pop_channel *ch = v;
	const struct pop_plan *plan;
	u8 digest[POP_HASH_LEN], state;
	u32 done;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "contract         party                   dir phase action                  peer                    state        executed slots digest           flags\n");
		return 0;
	}
	plan = &iter->m->contract->plan;
	state = pop_channel_state(iter->m, ch, digest, &done);
	seq_printf(seq, "%*phN %-23s %-3s %5u %-23s %-23s %-12s %8u %5u %*phN %s\n",
		   8, iter->m->contract->hash,
		   plan->party[iter->m->party].name,
		   pop_channel_is_input(iter->m, ch) ? "in" : "out", ch->phase,
		   plan->action[ch->action].name, plan->party[ch->peer].name,
		   channel_states[state], done, ch->count, 8, digest,
		   channel_flags(READ_ONCE(ch->flags)));
	return 0;
}

static const struct seq_operations channels_ops = {
	.start	= channels_start,
	.next	= channels_next,
	.stop	= contract_stop,
	.show	= channels_show,
};

static void *sockets_start(struct seq_file *seq, loff_t *pos)
	__acquires(&seq_pop_net(seq)->sockets_lock)
{
	struct pop_net *pn = seq_pop_net(seq);

	spin_lock_bh(&pn->sockets_lock);
	return seq_hlist_start_head(&pn->sockets, *pos);
}

static void *sockets_next(struct seq_file *seq, void *v, loff_t *pos)
{
	return seq_hlist_next(v, &seq_pop_net(seq)->sockets, pos);
}

static void sockets_stop(struct seq_file *seq, void *v)
	__releases(&seq_pop_net(seq)->sockets_lock)
{
	spin_unlock_bh(&seq_pop_net(seq)->sockets_lock);
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
			    sizeof(struct seq_net_private)) &&
	    proc_create_net("channels", 0400, dir, &channels_ops,
			    sizeof(struct channels_iter)) &&
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

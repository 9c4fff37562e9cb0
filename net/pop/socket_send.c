// SPDX-License-Identifier: GPL-2.0
/*
 * AF_POP sockets: sending a message, which waits for its phase, for room and for
 * its recipients; and whether that could go ahead now.
 */

#include <linux/sched/signal.h>
#include <net/sock.h>

#include "channel.h"
#include "charge.h"
#include "output.h"
#include "phase.h"
#include "socket.h"

/* What a call may send in all to several recipients without waiting for room. */
#define POP_EACH_MAX	(POP_KEPT_MAX / 4)

/* May the member send in this phase? Then its channels are open, too. */
static bool phase_entered(const struct pop_member *m, u32 phase)
{
	return READ_ONCE(m->phase) >= phase && READ_ONCE(m->window) > phase;
}

static bool has_room(const struct sock *sk)
{
	return pop_charge_room(pop_sk(sk)->charge, sk);
}

/* Can all of these recipients take it already? Who cannot is asked. Those with
 * all of their messages, or a verdict, do not matter.
 */
static bool peers_ready(struct pop_member *m, const struct pop_channel *first,
			u32 nr)
{
	bool ready = true;
	u32 i;

	for (i = 0; i < nr; i++)
		if (!pop_channel_is_done(&first[i]))
			ready &= pop_phase_peer_ready(m, &m->peer[first[i].peer],
						      first[i].phase);
	return ready;
}

static bool may_send(const struct sock *sk, struct pop_member *m,
		     const struct pop_channel *first, u32 nr)
{
	return (phase_entered(m, first->phase) && has_room(sk) &&
		peers_ready(m, first, nr)) ||
	       pop_channel_live(first, nr) < 0 ||
	       READ_ONCE(sk->sk_err) ||
	       READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN;
}

/*
 * The same, and if it may not, whoever has set O_ASYNC gets a signal once it may:
 * what comes between the two looks is either seen or signalled.
 */
static bool may_send_or_signal(struct sock *sk, struct pop_member *m,
			       const struct pop_channel *first, u32 nr)
{
	if (may_send(sk, m, first, nr))
		return true;
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	/* set, then look: who makes it possible does it the other way round */
	smp_mb__after_atomic();
	return may_send(sk, m, first, nr);
}

/*
 * Wait for phase, room and recipients, no longer than @timeout, which is then what
 * is left of it. Context: lock_sock(), which is let go meanwhile.
 */
static int wait_to_send(struct sock *sk, struct pop_member *m,
			const struct pop_channel *first, u32 nr, long *timeout)
{
	long left;

	if (!may_send_or_signal(sk, m, first, nr)) {
		if (!*timeout)
			return -EAGAIN;
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		release_sock(sk);
		left = wait_event_interruptible_timeout(*sk_sleep(sk),
							may_send(sk, m, first,
								 nr),
							*timeout);
		lock_sock(sk);
		if (left < 0)
			return sock_intr_errno(*timeout);
		/* who was woken in vain meanwhile is to get a signal still */
		if (!left && !may_send_or_signal(sk, m, first, nr))
			return -EAGAIN;
		*timeout = left;
	}
	if (sk->sk_err)
		return sock_error(sk);
	return sk->sk_shutdown & SEND_SHUTDOWN ? -ESHUTDOWN : 0;
}

/* Which channels and slot a sendmsg() call means. */
static int send_target(struct pop_sock *ps, struct msghdr *msg,
		       struct pop_channel **first, u32 *nr, u32 *seq)
{
	const struct sockaddr_pop *addr = msg->msg_name;
	struct cmsghdr *cmsg;
	int ret;

	*seq = POP_SEQ_NEXT;
	if (addr) {
		ret = pop_sockaddr_check(addr, msg->msg_namelen) ?:
		      pop_sockaddr_resolve(ps->member, addr, first, nr);
		if (ret)
			return ret;
		*seq = addr->spop_seq;
	} else if (ps->channel) {
		*first = ps->channel;
		*nr = ps->nr;
	} else {
		return -EDESTADDRREQ;
	}
	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_POP)
			continue;
		if (cmsg->cmsg_type != POP_SEQ ||
		    cmsg->cmsg_len != CMSG_LEN(sizeof(*seq)))
			return -EINVAL;
		memcpy(seq, CMSG_DATA(cmsg), sizeof(*seq));
	}
	if (pop_channel_is_input(ps->member, *first) ||
	    (*seq != POP_SEQ_NEXT && *seq >= (*first)->count))
		return -EPERM;
	return 0;
}

/* One message into one slot. */
static int send_one(struct pop_sock *ps, struct msghdr *from, size_t len,
		    struct pop_channel *first, u32 nr, u32 seq)
{
	struct pop_message msg = { .m = ps->member, .charge = ps->charge };
	int ret;

	ret = pop_output_copy(&msg, first, nr, from, len) ?:
	      pop_output(&msg, first, nr, seq);
	pop_output_free(&msg);
	return ret;
}

/*
 * The same content to each recipient of an action that is not "same": as many
 * messages, for each of which there must be room. Whoever has had all of theirs
 * already, or is late or void, is passed over.
 */
static int send_each(struct pop_sock *ps, struct msghdr *from, size_t len,
		     struct pop_channel *first, u32 nr, u32 seq, long *timeout)
{
	bool sent = false, nonblock = from->msg_flags & MSG_DONTWAIT;
	struct iov_iter start = from->msg_iter;
	int ret, why;
	u32 i;

	/* these cannot wait for room in between */
	if (nonblock && (u64)nr * len > POP_EACH_MAX)
		return -EMSGSIZE;
	for (i = 0; i < nr; i++) {
		if (i && !nonblock) {
			ret = wait_to_send(&ps->sk, ps->member, &first[i], 1,
					   timeout);
			/* not again from the first one on */
			if (ret)
				return sent && ret == -ERESTARTSYS ? -EINTR :
								     ret;
		}
		from->msg_iter = start;
		ret = send_one(ps, from, len, &first[i], 1, seq);
		if (!ret)
			sent = true;
		else if (ret != -EALREADY && ret != -ETIMEDOUT &&
			 ret != -ECANCELED)
			return ret;
	}
	if (sent)
		return 0;
	/* a slot may be used whose channel has others */
	why = pop_channel_live(first, nr);
	return why < 0 ? why : -EALREADY;
}

/* sendmsg(). Return: @len, or an error. */
int pop_socket_send(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	struct pop_sock *ps = pop_sk(sk);
	const struct pop_body_action *a;
	struct pop_channel *first;
	long timeout;
	u32 nr, seq;
	int ret;

	if (msg->msg_flags & ~POP_SEND_FLAGS)
		return -EOPNOTSUPP;
	lock_sock(sk);
	ret = -ENOTCONN;
	if (!ps->member)
		goto out;
	ret = sock_error(sk);
	if (ret)
		goto out;
	ret = send_target(ps, msg, &first, &nr, &seq);
	if (ret)
		goto out;
	a = pop_channel_action(ps->member, first);
	ret = -EMSGSIZE;
	if (len > be32_to_cpu(a->max))
		goto out;
	timeout = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	ret = wait_to_send(sk, ps->member, first, nr, &timeout);
	if (ret)
		goto out;
	if (a->flags & POP_ACTION_F_SAME)
		ret = send_one(ps, msg, len, first, nr, seq);
	else
		ret = send_each(ps, msg, len, first, nr, seq, &timeout);
out:
	release_sock(sk);
	return ret ?: len;
}

/* How many channels the action of an output channel has from that one on. */
static u32 channels_from(const struct pop_member *m, const struct pop_channel *ch)
{
	return m->actions[ch->action].channel +
	       be16_to_cpu(pop_channel_action(m, ch)->recipients) -
	       (ch - m->channel);
}

/* Does the member owe something to these recipients that they can take now? */
static bool owes(struct pop_member *m, const struct pop_channel *first, u32 nr)
{
	return pop_channel_live(first, nr) >= 0 && peers_ready(m, first, nr);
}

/*
 * Does the member owe something in @phase that could be sent now? What is the same
 * for all recipients of an action takes all of them.
 */
static bool owes_in(struct pop_member *m, u32 phase)
{
	const struct pop_member_phase *p = &m->phases[phase];
	const struct pop_channel *ch;
	u32 i, nr;

	if (!atomic_read(&p->out_left))
		return false;
	for (i = p[0].first_out; i < p[1].first_out; i += nr) {
		ch = &m->channel[i];
		nr = 1;
		if (pop_channel_action(m, ch)->flags & POP_ACTION_F_SAME)
			nr = channels_from(m, ch);
		if (owes(m, ch, nr))
			return true;
	}
	return false;
}

/* Is there a phase the member is in, in which it can send? */
static bool owes_output(struct pop_member *m)
{
	u32 phase = READ_ONCE(m->closed);

	for (; phase < m->contract->plan.nr_phases && phase_entered(m, phase);
	     phase++)
		if (owes_in(m, phase))
			return true;
	return false;
}

/* Could a send without address, or to some output channel, go ahead now? */
bool pop_socket_can_send(struct pop_sock *ps)
{
	struct pop_channel *ch = READ_ONCE(ps->channel);
	struct pop_member *m = READ_ONCE(ps->member);
	u32 nr;

	if (!m || !has_room(&ps->sk))
		return false;
	if (!ch)
		return owes_output(m);
	if (pop_channel_is_input(m, ch) || !phase_entered(m, ch->phase))
		return false;
	/* that of another channel, if connect() is at it just now */
	nr = min(READ_ONCE(ps->nr), channels_from(m, ch));
	return owes(m, ch, nr);
}

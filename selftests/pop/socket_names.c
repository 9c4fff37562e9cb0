// SPDX-License-Identifier: GPL-2.0
/*
 * bind(), connect() and the names of sockets: what works, and what each mistake gives.
 *
 * Shows: R13 R39
 */
#include "trio.h"

/* --- socket() --------------------------------------------------------------- */

TEST_F(pop, socket__types)
{
	EXPECT_EQ(ESOCKTNOSUPPORT, ERRNO(socket(AF_POP, SOCK_STREAM, 0)));
	EXPECT_EQ(ESOCKTNOSUPPORT, ERRNO(socket(AF_POP, SOCK_SEQPACKET, 0)));
	EXPECT_EQ(ESOCKTNOSUPPORT, ERRNO(socket(AF_POP, SOCK_RAW, 0)));
	EXPECT_EQ(EPROTONOSUPPORT, ERRNO(socket(AF_POP, SOCK_RDM, 77)));
	EXPECT_EQ(EPROTONOSUPPORT, ERRNO(socket(AF_POP, SOCK_RDM,
						POP_PROTO_BYZANTINE)));
	EXPECT_EQ(EPROTONOSUPPORT, ERRNO(socket(AF_POP, SOCK_DGRAM, 0)));
	EXPECT_EQ(EPROTONOSUPPORT, ERRNO(socket(AF_POP, SOCK_DGRAM, 77)));
}

TEST_F(pop, socket__what_it_is)
{
	socklen_t len = sizeof(int);
	int value = -1;

	EXPECT_EQ(0, getsockopt(self->a, SOL_SOCKET, SO_DOMAIN, &value, &len));
	EXPECT_EQ(AF_POP, value);
	EXPECT_EQ(0, getsockopt(self->a, SOL_SOCKET, SO_TYPE, &value, &len));
	EXPECT_EQ(SOCK_RDM, value);
	EXPECT_EQ(0, getsockopt(self->a, SOL_SOCKET, SO_PROTOCOL, &value, &len));
	EXPECT_EQ(0, value);
}

TEST_F(pop, socket__no_connections)
{
	int pair[2];

	EXPECT_EQ(EOPNOTSUPP, ERRNO(listen(self->a, 1)));
	EXPECT_EQ(EOPNOTSUPP, ERRNO(accept(self->a, NULL, NULL)));
	EXPECT_EQ(EOPNOTSUPP, ERRNO(socketpair(AF_POP, SOCK_RDM, 0, pair)));
}

/* --- bind() ----------------------------------------------------------------- */

FIXTURE(bind) {
	struct kit k;
	struct kit_body body;
	struct sockaddr_pop good;
	int fd;
};

FIXTURE_SETUP(bind)
{
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	self->body = kit_encode(&contract);
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, A, 0));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, B, 1234));
	self->good = kit_addr(&self->body, A);
	self->fd = socket(AF_POP, SOCK_RDM, 0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(bind)
{
	close(self->fd);
	kit_close(&self->k);
	free(self->body.data);
}

static int bind_to(int fd, struct sockaddr_pop a)
{
	return ERRNO(bind(fd, (void *)&a, sizeof(a)));
}

TEST_F(bind, bind__good)
{
	EXPECT_EQ(0, bind_to(self->fd, self->good));
	EXPECT_EQ(EINVAL, bind_to(self->fd, self->good));
}

TEST_F(bind, bind__length)
{
	struct sockaddr_storage big = {};
	size_t len;

	memcpy(&big, &self->good, sizeof(self->good));
	for (len = 0; len < sizeof(self->good); len++)
		EXPECT_EQ(EINVAL, ERRNO(bind(self->fd, (void *)&big, len)))
			TH_LOG("with %zu bytes", len);
	EXPECT_EQ(EINVAL, ERRNO(bind(self->fd, (void *)&big, sizeof(big) + 1)));
}

TEST_F(bind, bind__family)
{
	struct sockaddr_pop bad = self->good;

	bad.spop_family = AF_INET;
	EXPECT_EQ(EAFNOSUPPORT, bind_to(self->fd, bad));
	bad.spop_family = AF_UNSPEC;
	EXPECT_EQ(EAFNOSUPPORT, bind_to(self->fd, bad));
}

TEST_F(bind, bind__every_bit_of_the_padding)
{
	int bit;

	for (bit = 0; bit < 32; bit++) {
		struct sockaddr_pop bad = self->good;

		bad.spop_pad = 1U << bit;
		EXPECT_EQ(EINVAL, bind_to(self->fd, bad));
	}
}

TEST_F(bind, bind__wildcards_only)
{
	struct sockaddr_pop bad = self->good;

	bad.spop_phase = 0;
	EXPECT_EQ(EINVAL, bind_to(self->fd, bad));
	bad = self->good;
	bad.spop_action = 0;
	EXPECT_EQ(EINVAL, bind_to(self->fd, bad));
	bad = self->good;
	bad.spop_seq = 0;
	EXPECT_EQ(EINVAL, bind_to(self->fd, bad));
}

TEST_F(bind, bind__nobody)
{
	struct sockaddr_pop bad = self->good;

	bad.spop_contract[0] ^= 1;
	EXPECT_EQ(EADDRNOTAVAIL, bind_to(self->fd, bad));
	bad = self->good;
	bad.spop_party = C;		/* not local */
	EXPECT_EQ(EADDRNOTAVAIL, bind_to(self->fd, bad));
	bad.spop_party = 3;		/* no such party */
	EXPECT_EQ(EADDRNOTAVAIL, bind_to(self->fd, bad));
	bad.spop_party = POP_PARTY_ANY;
	EXPECT_NE(0, bind_to(self->fd, bad));
}

TEST_F(bind, bind__other_user)
{
	int fd;

	/* Root may be anyone; others only what is theirs. */
	ASSERT_EQ(0, setresuid(1234, 1234, 1234));
	EXPECT_EQ(EACCES, bind_to(self->fd, self->good));
	fd = socket(AF_POP, SOCK_RDM, 0);
	ASSERT_LE(0, fd);
	self->good.spop_party = B;
	EXPECT_EQ(0, bind_to(fd, self->good));
	close(fd);
}

TEST_F(bind, unbound__everything_else)
{
	struct sockaddr_pop a = kit_channel(&self->body, 0, BILL, B);
	struct pop_info info;
	socklen_t len = sizeof(info);
	char byte = 0;

	EXPECT_NE(0, ERRNO(connect(self->fd, (void *)&a, sizeof(a))));
	EXPECT_NE(0, ERRNO(sendto(self->fd, &byte, 1, 0, (void *)&a,
				  sizeof(a))));
	EXPECT_NE(0, ERRNO(send(self->fd, &byte, 1, 0)));
	EXPECT_NE(0, ERRNO(recv(self->fd, &byte, 1, MSG_DONTWAIT)));
	EXPECT_NE(0, ERRNO(getsockopt(self->fd, SOL_POP, POP_INFO, &info,
				      &len)));
	len = sizeof(a);
	EXPECT_EQ(0, ERRNO(getsockname(self->fd, (void *)&a, &len)));
	EXPECT_EQ(AF_POP, a.spop_family);
	EXPECT_EQ(POP_PARTY_ANY, a.spop_party);
}

/* --- connect(), getsockname(), getpeername() ---------------------------------- */

TEST_F(pop, connect__names)
{
	struct sockaddr_pop a = kit_channel(&self->body, 0, BILL, B), name;
	socklen_t len = sizeof(name);

	EXPECT_EQ(ENOTCONN, ERRNO(getpeername(self->a, (void *)&name, &len)));
	EXPECT_EQ(0, connect_to(self->a, a));
	len = sizeof(name);
	EXPECT_EQ(0, getpeername(self->a, (void *)&name, &len));
	EXPECT_EQ(sizeof(name), len);
	EXPECT_EQ(B, name.spop_party);
	EXPECT_EQ(0, name.spop_phase);
	EXPECT_EQ(BILL, name.spop_action);
	EXPECT_EQ(0, memcmp(name.spop_contract, self->body.hash, POP_HASH_LEN));
	EXPECT_EQ(0, name.spop_pad);

	len = sizeof(name);
	EXPECT_EQ(0, getsockname(self->a, (void *)&name, &len));
	EXPECT_EQ(sizeof(name), len);
	EXPECT_EQ(AF_POP, name.spop_family);
	EXPECT_EQ(A, name.spop_party);
	EXPECT_EQ(0, memcmp(name.spop_contract, self->body.hash, POP_HASH_LEN));
}

TEST_F(pop, connect__disconnect)
{
	struct sockaddr_pop name = kit_channel(&self->body, 0, BILL, B);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	socklen_t len = sizeof(name);

	EXPECT_EQ(0, connect_to(self->a, name));
	EXPECT_EQ(0, ERRNO(connect(self->a, &none, sizeof(none))));
	EXPECT_EQ(ENOTCONN, ERRNO(getpeername(self->a, (void *)&name, &len)));
	EXPECT_EQ(EDESTADDRREQ, ERRNO(send(self->a, "x", 1, 0)));
}

TEST_F(pop, connect__without_contract)
{
	struct sockaddr_pop a = kit_channel(&self->body, 0, BILL, B);

	memset(a.spop_contract, 0, POP_HASH_LEN);
	EXPECT_EQ(0, connect_to(self->a, a));
	EXPECT_EQ(2, send(self->a, "hi", 2, 0));
	EXPECT_MESSAGE(self->b, "hi");
}

TEST_F(pop, connect__mistakes)
{
	struct sockaddr_pop good = kit_channel(&self->body, 0, BILL, B), bad;
	size_t len;

	for (len = sizeof(sa_family_t); len < sizeof(good); len++)
		EXPECT_EQ(EINVAL, ERRNO(connect(self->a, (void *)&good, len)))
			TH_LOG("with %zu bytes", len);
	bad = good;
	bad.spop_family = AF_INET6;
	EXPECT_EQ(EAFNOSUPPORT, connect_to(self->a, bad));
	bad = good;
	bad.spop_pad = 1;
	EXPECT_EQ(EINVAL, connect_to(self->a, bad));
	bad = good;
	bad.spop_seq = 0;
	EXPECT_EQ(EINVAL, connect_to(self->a, bad));
	bad = good;
	bad.spop_contract[31] ^= 0x80;
	EXPECT_NE(0, connect_to(self->a, bad));
	bad = good;
	bad.spop_party = C;		/* gets no bill */
	EXPECT_EQ(EPERM, connect_to(self->a, bad));
	bad = good;
	bad.spop_action = 3;		/* the phase has three */
	EXPECT_EQ(EPERM, connect_to(self->a, bad));
	bad = good;
	bad.spop_phase = 2;		/* the contract has two */
	EXPECT_EQ(EPERM, connect_to(self->a, bad));
}

TEST_HARNESS_MAIN

/// Packets from the wire: payloads of UDP datagrams.
///
/// The captured ones are those of two keepalived, of bfdd of FRR and of BIRD, each different from
/// the one before of the same sender. The crafted ones were sent to a keepalived; their reactions
/// are what it did.
package enum CapturedPackets {
  package static let captured: [CapturedPacket] = [
    CapturedPacket(
      "v4-active-active-01-A-down", from: "A",
      "20400318 6254ab46 00000000 000f4240 000186a0 00000000",
      "Down 0 - 3 0x6254ab46 0x00000000 1000000 100000 0"),
    CapturedPacket(
      "v4-active-active-02-B-down", from: "B",
      "20400418 f572fb1b 00000000 0016e360 00013880 00000000",
      "Down 0 - 4 0xf572fb1b 0x00000000 1500000 80000 0"),
    CapturedPacket(
      "v4-active-active-03-A-init", from: "A",
      "20800318 6254ab46 f572fb1b 000f4240 000186a0 00000000",
      "Init 0 - 3 0x6254ab46 0xf572fb1b 1000000 100000 0"),
    CapturedPacket(
      "v4-active-active-04-B-up-poll", from: "B",
      "20e00418 f572fb1b 6254ab46 00011170 00013880 00000000",
      "Up 0 P 4 0xf572fb1b 0x6254ab46 70000 80000 0"),
    CapturedPacket(
      "v4-active-active-05-A-up-final", from: "A",
      "20d00318 6254ab46 f572fb1b 0000c544 000186a0 00000000",
      "Up 0 F 3 0x6254ab46 0xf572fb1b 50500 100000 0"),
    CapturedPacket(
      "v4-active-active-06-A-up", from: "A",
      "20c00318 6254ab46 f572fb1b 0000c544 000186a0 00000000",
      "Up 0 - 3 0x6254ab46 0xf572fb1b 50500 100000 0"),
    CapturedPacket(
      "v4-active-active-07-B-up", from: "B",
      "20c00418 f572fb1b 6254ab46 00011170 00013880 00000000",
      "Up 0 - 4 0xf572fb1b 0x6254ab46 70000 80000 0"),
    CapturedPacket(
      "v4-active-active-08-A-down", from: "A",
      "21400318 ead71cb7 00000000 000f4240 000186a0 00000000",
      "Down 1 - 3 0xead71cb7 0x00000000 1000000 100000 0"),
    CapturedPacket(
      "v4-active-active-09-B-down", from: "B",
      "20400418 2fc3ae3a 00000000 0016e360 00013880 00000000",
      "Down 0 - 4 0x2fc3ae3a 0x00000000 1500000 80000 0"),
    CapturedPacket(
      "v4-active-active-10-A-init", from: "A",
      "20800318 ead71cb7 2fc3ae3a 000f4240 000186a0 00000000",
      "Init 0 - 3 0xead71cb7 0x2fc3ae3a 1000000 100000 0"),
    CapturedPacket(
      "v4-active-active-11-B-up-poll", from: "B",
      "20e00418 2fc3ae3a ead71cb7 00011170 00013880 00000000",
      "Up 0 P 4 0x2fc3ae3a 0xead71cb7 70000 80000 0"),
    CapturedPacket(
      "v4-active-active-12-A-up-final", from: "A",
      "20d00318 ead71cb7 2fc3ae3a 0000c544 000186a0 00000000",
      "Up 0 F 3 0xead71cb7 0x2fc3ae3a 50500 100000 0"),
    CapturedPacket(
      "v4-active-active-13-A-up", from: "A",
      "20c00318 ead71cb7 2fc3ae3a 0000c544 000186a0 00000000",
      "Up 0 - 3 0xead71cb7 0x2fc3ae3a 50500 100000 0"),
    CapturedPacket(
      "v4-active-active-14-B-up", from: "B",
      "20c00418 2fc3ae3a ead71cb7 00011170 00013880 00000000",
      "Up 0 - 4 0x2fc3ae3a 0xead71cb7 70000 80000 0"),
    CapturedPacket(
      "v4-active-active-15-A-down", from: "A",
      "21400318 cd80a74c 00000000 000f4240 000186a0 00000000",
      "Down 1 - 3 0xcd80a74c 0x00000000 1000000 100000 0"),
    CapturedPacket(
      "v4-active-active-16-B-down", from: "B",
      "23400418 bfab6c18 cd80a74c 0016e360 00013880 00000000",
      "Down 3 - 4 0xbfab6c18 0xcd80a74c 1500000 80000 0"),
    CapturedPacket(
      "v4-active-active-17-B-init", from: "B",
      "20800418 bfab6c18 cd80a74c 0016e360 00013880 00000000",
      "Init 0 - 4 0xbfab6c18 0xcd80a74c 1500000 80000 0"),
    CapturedPacket(
      "v4-active-active-18-A-up-poll", from: "A",
      "20e00318 cd80a74c bfab6c18 0000c544 000186a0 00000000",
      "Up 0 P 3 0xcd80a74c 0xbfab6c18 50500 100000 0"),
    CapturedPacket(
      "v4-active-active-19-B-up-final", from: "B",
      "20d00418 bfab6c18 cd80a74c 00011170 00013880 00000000",
      "Up 0 F 4 0xbfab6c18 0xcd80a74c 70000 80000 0"),
    CapturedPacket(
      "v4-active-active-20-B-up", from: "B",
      "20c00418 bfab6c18 cd80a74c 00011170 00013880 00000000",
      "Up 0 - 4 0xbfab6c18 0xcd80a74c 70000 80000 0"),
    CapturedPacket(
      "v4-active-active-21-A-up", from: "A",
      "20c00318 cd80a74c bfab6c18 0000c544 000186a0 00000000",
      "Up 0 - 3 0xcd80a74c 0xbfab6c18 50500 100000 0"),
    CapturedPacket(
      "v4-active-active-22-B-up-poll", from: "B",
      "20e00418 bfab6c18 cd80a74c 0001d4c0 00013880 00000000",
      "Up 0 P 4 0xbfab6c18 0xcd80a74c 120000 80000 0"),
    CapturedPacket(
      "v4-active-active-23-A-up-final", from: "A",
      "20d00318 cd80a74c bfab6c18 0000c544 000186a0 00000000",
      "Up 0 F 3 0xcd80a74c 0xbfab6c18 50500 100000 0"),
    CapturedPacket(
      "v4-active-active-24-B-up", from: "B",
      "20c00418 bfab6c18 cd80a74c 0001d4c0 00013880 00000000",
      "Up 0 - 4 0xbfab6c18 0xcd80a74c 120000 80000 0"),
    CapturedPacket(
      "v4-active-active-25-A-up", from: "A",
      "20c00318 cd80a74c bfab6c18 0000c544 000186a0 00000000",
      "Up 0 - 3 0xcd80a74c 0xbfab6c18 50500 100000 0"),
    CapturedPacket(
      "v4-singlehop-nosource-01-A-down", from: "A",
      "20400518 a3aa7cb6 00000000 000f4240 000005dc 00000000",
      "Down 0 - 5 0xa3aa7cb6 0x00000000 1000000 1500 0"),
    CapturedPacket(
      "v4-singlehop-nosource-02-B-down", from: "B",
      "20400518 bd894b88 00000000 000f4240 0007a120 00000000",
      "Down 0 - 5 0xbd894b88 0x00000000 1000000 500000 0"),
    CapturedPacket(
      "v4-singlehop-nosource-03-A-init", from: "A",
      "20800518 a3aa7cb6 bd894b88 000f4240 000005dc 00000000",
      "Init 0 - 5 0xa3aa7cb6 0xbd894b88 1000000 1500 0"),
    CapturedPacket(
      "v4-singlehop-nosource-04-B-up-poll", from: "B",
      "20e00518 bd894b88 a3aa7cb6 0007a120 0007a120 00000000",
      "Up 0 P 5 0xbd894b88 0xa3aa7cb6 500000 500000 0"),
    CapturedPacket(
      "v4-singlehop-nosource-05-A-up-final", from: "A",
      "20d00518 a3aa7cb6 bd894b88 000f4240 000005dc 00000000",
      "Up 0 F 5 0xa3aa7cb6 0xbd894b88 1000000 1500 0"),
    CapturedPacket(
      "v4-singlehop-nosource-06-A-up", from: "A",
      "20c00518 a3aa7cb6 bd894b88 000f4240 000005dc 00000000",
      "Up 0 - 5 0xa3aa7cb6 0xbd894b88 1000000 1500 0"),
    CapturedPacket(
      "v4-singlehop-nosource-07-B-up", from: "B",
      "20c00518 bd894b88 a3aa7cb6 0007a120 0007a120 00000000",
      "Up 0 - 5 0xbd894b88 0xa3aa7cb6 500000 500000 0"),
    CapturedPacket(
      "v4-singlehop-nosource-08-A-down", from: "A",
      "21400518 ebf82bb6 00000000 000f4240 000005dc 00000000",
      "Down 1 - 5 0xebf82bb6 0x00000000 1000000 1500 0"),
    CapturedPacket(
      "v4-multihop-01-A-down", from: "A",
      "20400218 b3491452 00000000 001e8480 000493e0 00000000",
      "Down 0 - 2 0xb3491452 0x00000000 2000000 300000 0"),
    CapturedPacket(
      "v4-multihop-02-B-down", from: "B",
      "20400518 85ea39e0 00000000 000f4240 00061a80 00000000",
      "Down 0 - 5 0x85ea39e0 0x00000000 1000000 400000 0"),
    CapturedPacket(
      "v4-multihop-03-A-init", from: "A",
      "20800218 b3491452 85ea39e0 001e8480 000493e0 00000000",
      "Init 0 - 2 0xb3491452 0x85ea39e0 2000000 300000 0"),
    CapturedPacket(
      "v4-multihop-04-B-up", from: "B",
      "20c00518 85ea39e0 b3491452 000f4240 00061a80 00000000",
      "Up 0 - 5 0x85ea39e0 0xb3491452 1000000 400000 0"),
    CapturedPacket(
      "v4-multihop-05-A-up-poll", from: "A",
      "20e00218 b3491452 85ea39e0 000493e0 000493e0 00000000",
      "Up 0 P 2 0xb3491452 0x85ea39e0 300000 300000 0"),
    CapturedPacket(
      "v4-multihop-06-B-up-final", from: "B",
      "20d00518 85ea39e0 b3491452 000f4240 00061a80 00000000",
      "Up 0 F 5 0x85ea39e0 0xb3491452 1000000 400000 0"),
    CapturedPacket(
      "v4-multihop-07-A-up", from: "A",
      "20c00218 b3491452 85ea39e0 000493e0 000493e0 00000000",
      "Up 0 - 2 0xb3491452 0x85ea39e0 300000 300000 0"),
    CapturedPacket(
      "v4-multihop-08-B-up", from: "B",
      "20c00518 85ea39e0 b3491452 000f4240 00061a80 00000000",
      "Up 0 - 5 0x85ea39e0 0xb3491452 1000000 400000 0"),
    CapturedPacket(
      "v6-singlehop-frr-01-keepalived-down", from: "keepalived",
      "20400318 444abf99 00000000 000f4240 00030d40 00000000",
      "Down 0 - 3 0x444abf99 0x00000000 1000000 200000 0"),
    CapturedPacket(
      "v6-singlehop-frr-02-frr-init", from: "frr",
      "20800318 79daebfc 444abf99 000f4240 000f4240 0000c350",
      "Init 0 - 3 0x79daebfc 0x444abf99 1000000 1000000 50000"),
    CapturedPacket(
      "v6-singlehop-frr-03-keepalived-up-poll", from: "keepalived",
      "20e00318 444abf99 79daebfc 000249f0 00030d40 00000000",
      "Up 0 P 3 0x444abf99 0x79daebfc 150000 200000 0"),
    CapturedPacket(
      "v6-singlehop-frr-04-frr-up-poll", from: "frr",
      "20e00318 79daebfc 444abf99 0003d090 000493e0 0000c350",
      "Up 0 P 3 0x79daebfc 0x444abf99 250000 300000 50000"),
    CapturedPacket(
      "v6-singlehop-frr-05-keepalived-up-final", from: "keepalived",
      "20d00318 444abf99 79daebfc 000249f0 00030d40 00000000",
      "Up 0 F 3 0x444abf99 0x79daebfc 150000 200000 0"),
    CapturedPacket(
      "v6-singlehop-frr-06-frr-up-final", from: "frr",
      "20d00318 79daebfc 444abf99 0003d090 000493e0 0000c350",
      "Up 0 F 3 0x79daebfc 0x444abf99 250000 300000 50000"),
    CapturedPacket(
      "v6-singlehop-frr-07-frr-up", from: "frr",
      "20c00318 79daebfc 444abf99 0003d090 000493e0 0000c350",
      "Up 0 - 3 0x79daebfc 0x444abf99 250000 300000 50000"),
    CapturedPacket(
      "v6-singlehop-frr-08-keepalived-up", from: "keepalived",
      "20c00318 444abf99 79daebfc 000249f0 00030d40 00000000",
      "Up 0 - 3 0x444abf99 0x79daebfc 150000 200000 0"),
    CapturedPacket(
      "v6-singlehop-frr-09-frr-down", from: "frr",
      "21400318 79daebfc 00000000 0003d090 000493e0 0000c350",
      "Down 1 - 3 0x79daebfc 0x00000000 250000 300000 50000"),
    CapturedPacket(
      "v6-singlehop-frr-10-frr-down", from: "frr",
      "21400318 79daebfc 00000000 000f4240 000f4240 0000c350",
      "Down 1 - 3 0x79daebfc 0x00000000 1000000 1000000 50000"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-01-keepalived-down", from: "keepalived",
      "20400318 16312d1d 00000000 000f4240 00030d40 00000000",
      "Down 0 - 3 0x16312d1d 0x00000000 1000000 200000 0"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-02-frr-init", from: "frr",
      "20800418 b179bea7 16312d1d 000f4240 000f4240 0000c350",
      "Init 0 - 4 0xb179bea7 0x16312d1d 1000000 1000000 50000"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-03-keepalived-up-poll", from: "keepalived",
      "20e00318 16312d1d b179bea7 000249f0 00030d40 00000000",
      "Up 0 P 3 0x16312d1d 0xb179bea7 150000 200000 0"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-04-frr-up-poll", from: "frr",
      "20e00418 b179bea7 16312d1d 0003d090 000493e0 0000c350",
      "Up 0 P 4 0xb179bea7 0x16312d1d 250000 300000 50000"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-05-keepalived-up-final", from: "keepalived",
      "20d00318 16312d1d b179bea7 000249f0 00030d40 00000000",
      "Up 0 F 3 0x16312d1d 0xb179bea7 150000 200000 0"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-06-frr-up-final", from: "frr",
      "20d00418 b179bea7 16312d1d 0003d090 000493e0 0000c350",
      "Up 0 F 4 0xb179bea7 0x16312d1d 250000 300000 50000"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-07-frr-up", from: "frr",
      "20c00418 b179bea7 16312d1d 0003d090 000493e0 0000c350",
      "Up 0 - 4 0xb179bea7 0x16312d1d 250000 300000 50000"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-08-keepalived-up", from: "keepalived",
      "20c00318 16312d1d b179bea7 000249f0 00030d40 00000000",
      "Up 0 - 3 0x16312d1d 0xb179bea7 150000 200000 0"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-09-frr-admindown", from: "frr",
      "20000418 b179bea7 16312d1d 0003d090 000493e0 0000c350",
      "AdminDown 0 - 4 0xb179bea7 0x16312d1d 250000 300000 50000"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-10-keepalived-down", from: "keepalived",
      "23400318 e9a01a4d b179bea7 000f4240 00030d40 00000000",
      "Down 3 - 3 0xe9a01a4d 0xb179bea7 1000000 200000 0"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-11-keepalived-down", from: "keepalived",
      "23400318 e9a01a4d 00000000 000f4240 00030d40 00000000",
      "Down 3 - 3 0xe9a01a4d 0x00000000 1000000 200000 0"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-12-frr-down", from: "frr",
      "20400418 b179bea7 e9a01a4d 0003d090 000493e0 0000c350",
      "Down 0 - 4 0xb179bea7 0xe9a01a4d 250000 300000 50000"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-13-keepalived-init", from: "keepalived",
      "20800318 e9a01a4d b179bea7 000f4240 00030d40 00000000",
      "Init 0 - 3 0xe9a01a4d 0xb179bea7 1000000 200000 0"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-14-frr-up-poll", from: "frr",
      "20e00418 b179bea7 e9a01a4d 0003d090 000493e0 0000c350",
      "Up 0 P 4 0xb179bea7 0xe9a01a4d 250000 300000 50000"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-15-keepalived-up-final", from: "keepalived",
      "20d00318 e9a01a4d b179bea7 000249f0 00030d40 00000000",
      "Up 0 F 3 0xe9a01a4d 0xb179bea7 150000 200000 0"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-16-frr-up", from: "frr",
      "20c00418 b179bea7 e9a01a4d 0003d090 000493e0 0000c350",
      "Up 0 - 4 0xb179bea7 0xe9a01a4d 250000 300000 50000"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-17-keepalived-up", from: "keepalived",
      "20c00318 e9a01a4d b179bea7 000249f0 00030d40 00000000",
      "Up 0 - 3 0xe9a01a4d 0xb179bea7 150000 200000 0"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-18-frr-down", from: "frr",
      "21400418 b179bea7 00000000 0003d090 000493e0 0000c350",
      "Down 1 - 4 0xb179bea7 0x00000000 250000 300000 50000"),
    CapturedPacket(
      "v4-singlehop-frr-shutdown-19-frr-down", from: "frr",
      "21400418 b179bea7 00000000 000f4240 000f4240 0000c350",
      "Down 1 - 4 0xb179bea7 0x00000000 1000000 1000000 50000"),
    CapturedPacket(
      "v4-singlehop-bird-01-keepalived-down", from: "keepalived",
      "20400318 9344de4f 00000000 000f4240 00030d40 00000000",
      "Down 0 - 3 0x9344de4f 0x00000000 1000000 200000 0"),
    CapturedPacket(
      "v4-singlehop-bird-02-bird-down", from: "bird",
      "20400618 bbef40cf 00000000 000dbba0 0001d4c0 00000000",
      "Down 0 - 6 0xbbef40cf 0x00000000 900000 120000 0"),
    CapturedPacket(
      "v4-singlehop-bird-03-keepalived-init", from: "keepalived",
      "20800318 9344de4f bbef40cf 000f4240 00030d40 00000000",
      "Init 0 - 3 0x9344de4f 0xbbef40cf 1000000 200000 0"),
    CapturedPacket(
      "v4-singlehop-bird-04-bird-up-poll", from: "bird",
      "20e00618 bbef40cf 9344de4f 0001adb0 0001d4c0 00000000",
      "Up 0 P 6 0xbbef40cf 0x9344de4f 110000 120000 0"),
    CapturedPacket(
      "v4-singlehop-bird-05-keepalived-up-final", from: "keepalived",
      "20d00318 9344de4f bbef40cf 000249f0 00030d40 00000000",
      "Up 0 F 3 0x9344de4f 0xbbef40cf 150000 200000 0"),
    CapturedPacket(
      "v4-singlehop-bird-06-keepalived-up", from: "keepalived",
      "20c00318 9344de4f bbef40cf 000249f0 00030d40 00000000",
      "Up 0 - 3 0x9344de4f 0xbbef40cf 150000 200000 0"),
    CapturedPacket(
      "v4-singlehop-bird-07-bird-up", from: "bird",
      "20c00618 bbef40cf 9344de4f 0001adb0 0001d4c0 00000000",
      "Up 0 - 6 0xbbef40cf 0x9344de4f 110000 120000 0"),
    CapturedPacket(
      "v4-singlehop-bird-08-keepalived-down", from: "keepalived",
      "21400318 54aa69b1 00000000 000f4240 00030d40 00000000",
      "Down 1 - 3 0x54aa69b1 0x00000000 1000000 200000 0"),
    CapturedPacket(
      "v4-after-admindown-01-keepalived-down", from: "keepalived",
      "27400518 92cba3ad 00000000 000f4240 00002710 00000000",
      "Down 7 - 5 0x92cba3ad 0x00000000 1000000 10000 0"),
  ]

  package static let crafted: [CraftedPacket] = [
    CraftedPacket(
      "rx-short",
      "20400318 11223344 00000000 000f4240 00030d40",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet is too small: 20 bytes",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-longer-than-32",
      "20400318 11223344 00000000 000f4240 00030d40 00000000 00000000 00000000"
        + "00000000 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "recvmsg() message truncated"
      ]),
    CraftedPacket(
      "rx-len26-matches",
      "2040031a 11223344 00000000 000f4240 00030d40 00000000 0000",
      hopLimit: 255, before: "Down", isAccepted: true, after: "Init",
      log: [
        "     Detection time is 3000000 us (was 0 us)"
      ]),
    CraftedPacket(
      "rx-lenfield-28",
      "2040031c 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet size mismatch: length field: 28 bytes, buffer size: 24 bytes",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-lenfield-20",
      "20400314 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet size mismatch: length field: 20 bytes, buffer size: 24 bytes",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-version-0",
      "00400318 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet is of unsupported version: 0",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-version-2",
      "40400318 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet is of unsupported version: 2",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-mult-0",
      "20400018 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet 'detection multiplier' field is zero",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-multipoint",
      "20410318 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet has 'multipoint' flag",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-my-discr-0",
      "20400318 00000000 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet 'my discriminator' field is zero",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-your-0-init",
      "20800318 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet 'your discriminator' field is zero and 'state' field is not Down or AdminDown",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-your-0-up",
      "20c00318 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet 'your discriminator' field is zero and 'state' field is not Down or AdminDown",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-poll-and-final",
      "20700318 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet has both poll and final  flags set",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-diag-9",
      "29400318 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet has invalid 'diag' field: 9",
        "Discarding bogus packet from [10.9.0.2]:50000",
      ]),
    CraftedPacket(
      "rx-unknown-your-discr",
      "20400318 11223344 01020304 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Discarding packet from [10.9.0.2]:50000 (session is not found - your discriminator"
          + " field is 0x01020304)"
      ]),
    CraftedPacket(
      "rx-ttl-254",
      "20400318 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 254, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Packet ttl(254) < 255 - discarding"
      ]),
    CraftedPacket(
      "rx-auth-bit",
      "20440318 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: false, after: "Down",
      log: [
        "Discarding packet from [10.9.0.2]:50000 (auth bit is set, but no authentication "
          + " is in use)"
      ]),
    CraftedPacket(
      "rx-up-while-down",
      "20c00318 11223344 749c3ec8 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: true, after: "Down",
      log: [
        "     Detection time is 3000000 us (was 0 us)"
      ]),
    CraftedPacket(
      "rx-init-while-down",
      "20800318 11223344 749c3ec8 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: true, after: "Up",
      log: [
        "(s1) Entering Up state",
        "(s1) Starting poll sequence",
      ],
      reply: "20e00318 749c3ec8 11223344 00030d40 00030d40 00000000"),
    CraftedPacket(
      "rx-init-while-up",
      "20800318 11223344 749c3ec8 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Up", isAccepted: true, after: "Up",
      log: []),
    CraftedPacket(
      "rx-up-final-ends-poll",
      "20d00318 11223344 749c3ec8 0007a120 00030d40 00000000",
      hopLimit: 255, before: "Up", isAccepted: true, after: "Up",
      log: [
        "     Detection time is 1500000 us (was 3000000 us)"
      ],
      reply: "20c00318 749c3ec8 11223344 00030d40 00030d40 00000000"),
    CraftedPacket(
      "rx-up-demand-poll",
      "20e20318 11223344 749c3ec8 0007a120 000493e0 00000000",
      hopLimit: 255, before: "Up", isAccepted: true, after: "Up",
      log: [],
      reply: "20d00318 749c3ec8 11223344 00030d40 00030d40 00000000"),
    CraftedPacket(
      "rx-admindown-while-up",
      "27000318 11223344 749c3ec8 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Up", isAccepted: true, after: "Down",
      log: [
        "(s1) Entering Down state (Local diagnostic - Neighbor Signaled Session Down,"
          + " Remote diagnostic - Administratively Down)"
      ],
      reply: "23400318 60685735 11223344 000f4240 00030d40 00000000"),
    CraftedPacket(
      "rx-down-while-up",
      "21400318 11223344 60685735 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Up", isAccepted: true, after: "Down",
      log: [
        "(s1) Entering Down state (Local diagnostic - Neighbor Signaled Session Down,"
          + " Remote diagnostic - Control Detection Time Expired)"
      ],
      reply: "23400318 d9f99447 11223344 000f4240 00030d40 00000000"),
    CraftedPacket(
      "rx-down-while-down",
      "20400318 11223344 00000000 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Down", isAccepted: true, after: "Init",
      log: [],
      reply: "20800318 60685735 11223344 000f4240 00030d40 00000000"),
    CraftedPacket(
      "rx-admindown-while-init",
      "27000318 11223344 60685735 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Init", isAccepted: true, after: "Down",
      log: []),
    CraftedPacket(
      "rx-up-while-init",
      "20c00318 11223344 60685735 000f4240 00030d40 00000000",
      hopLimit: 255, before: "Init", isAccepted: true, after: "Up",
      log: [
        "(s1) Entering Up state",
        "(s1) Starting poll sequence",
      ],
      reply: "20e00318 60685735 11223344 00030d40 00030d40 00000000"),
    CraftedPacket(
      "rx-init-expired",
      "",
      hopLimit: 255, before: "Init", isAccepted: true, after: "Down",
      log: [],
      reply: "21400318 d9f99447 00000000 000f4240 00030d40 00000000"),
  ]
}

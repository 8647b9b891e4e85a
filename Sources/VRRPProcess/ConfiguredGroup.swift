import Configuration

/// A sync group as the configuration has it; the protocol core has another of the same name.
typealias ConfiguredGroup = SyncGroup

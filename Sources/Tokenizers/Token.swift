/// The number of a vocabulary entry.
public typealias Token = Int32

// Whoever imports SegCore has the values that its protocols exchange.
@_exported public import SegValues

package mutate

// Operators returns the operators by group.
func Operators() map[string][]string { return operators }

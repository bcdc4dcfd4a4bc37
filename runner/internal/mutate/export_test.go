package mutate

// Operators returns the names of all operators.
func Operators() (names []string) {
	for _, group := range Groups() {
		names = append(names, operators[group]...)
	}
	return names
}

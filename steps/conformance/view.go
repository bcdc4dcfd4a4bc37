package conformance

// A view is a hop as the requirements look at it.
type view struct{}

// A verdict is what a check says.
type verdict struct{}

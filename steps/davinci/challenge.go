package davinci

import "context"

// wantedEnd is the key of the end that a client wants of a challenge.
type wantedEnd struct{}

// WantEnd returns a context for a client that polls a challenge and wants it to end in this way,
// such as approved or rejected. No request carries it: a replay in this process ends the
// challenge in that way, and a live service does not see it.
func WantEnd(ctx context.Context, end string) context.Context {
	return context.WithValue(ctx, wantedEnd{}, end)
}

// WantedEnd returns the end in a context of [WantEnd], "" if there is none.
func WantedEnd(ctx context.Context) string {
	end, _ := ctx.Value(wantedEnd{}).(string)
	return end
}

package davinci

import "context"

// wantedEnd is the key of the end that a client wants of a challenge.
type wantedEnd struct{}

// WantEnd returns a context for a client that asks for the state of a challenge and wants it to
// end in this way, such as approved or rejected. It is part of no request: a replay in this
// process lets the challenge end so, and a live service knows nothing of it.
func WantEnd(ctx context.Context, end string) context.Context {
	return context.WithValue(ctx, wantedEnd{}, end)
}

// WantedEnd returns the end that [WantEnd] put into a context, "" where there is none.
func WantedEnd(ctx context.Context) string {
	end, _ := ctx.Value(wantedEnd{}).(string)
	return end
}

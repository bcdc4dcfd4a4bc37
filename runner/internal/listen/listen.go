// Package listen opens a port of this machine and serves HTTP on it, with TLS if wanted. It does
// not know flows.
package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"
)

// An InUseError reports that another program listens on an address.
type InUseError struct{ At string }

func (e *InUseError) Error() string { return e.At + " is in use by another program" }

// Open listens on an address HOST:PORT; port 0 means any free port. The error is an
// *[InUseError] if another program listens there.
func Open(ctx context.Context, at string) (net.Listener, error) {
	const onWindows = syscall.Errno(10048) // WSAEADDRINUSE
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", at)
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, onWindows) {
		return nil, &InUseError{at}
	}
	return l, err
}

// Drain is how long open requests may take after a server has begun to stop.
const Drain = 800 * time.Millisecond

// Serve answers the requests at l until ctx ends. Then it calls stopping, lets open
// requests finish for at most [Drain], and cuts off the others. Lines about that and
// about connections that failed go to say.
func Serve(ctx context.Context, l net.Listener, h http.Handler, say func(line string), stopping func()) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		WriteTimeout:   time.Minute, // longer than any latency that a fault adds
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       serverLog(say),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stopping()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Drain)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		say(fmt.Sprintf("requests that were still open after %s were cut off", Drain))
		return server.Close()
	}
	return err
}

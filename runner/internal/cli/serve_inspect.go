package cli

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"flowtest/mockserver"
)

// inspectAt is where serve shows what it was asked.
const inspectAt = "/flowtest/inspect/"

// private refuses an inspection that other machines could ask for, and ends
// the listening.
func private(l net.Listener) error {
	if at, ok := l.Addr().(*net.TCPAddr); ok && at.IP.IsLoopback() {
		return nil
	}
	err := fmt.Errorf("serve: --inspect is for this machine alone, and %s can be reached from others", l.Addr())
	return usage(errors.Join(err, l.Close()), "listen on a loopback address, as without --listen: "+defaultListen)
}

// inspected puts the inspection in front of h, and says where it is. Nothing
// befalls a request for it, no fault either.
func (p *Process) inspected(base string, s *mockserver.Server, h http.Handler) (http.Handler, error) {
	inspection := http.StripPrefix(strings.TrimSuffix(inspectAt, "/"), s.Inspect())
	inFront := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, inspectAt):
			inspection.ServeHTTP(w, r)
		case r.URL.Path+"/" == inspectAt:
			http.Redirect(w, r, inspectAt, http.StatusPermanentRedirect)
		default:
			h.ServeHTTP(w, r)
		}
	})
	_, err := fmt.Fprintf(p.Stdout, "what is asked is shown at %s\n", base+inspectAt)
	return inFront, err
}

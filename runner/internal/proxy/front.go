package proxy

import (
	"net/http"
	"net/url"
	"strings"
)

// A front is the proxy as an app sees it that reaches it at one origin.
type front struct {
	public *url.URL
	out    *origin // links of the live side, made the proxy's
	in     *origin // and back
}

func newFront(upstream, public *url.URL) *front {
	return &front{public, newOrigin(upstream, public), newOrigin(public, upstream)}
}

// maxFronts bounds how many are kept: a machine has few names.
const maxFronts = 16

// front returns the proxy for an app that used this host name. With links to another name of the
// machine, the app would lose its cookies.
func (p *Proxy) front(host string) *front {
	if host == "" || strings.EqualFold(host, p.public.public.Host) {
		return p.public
	}
	p.named.Lock()
	defer p.named.Unlock()
	if f := p.fronts[host]; f != nil {
		return f
	}
	at, err := url.Parse(p.public.public.Scheme + "://" + host)
	if err != nil || unfit(at) != "" || at.Path != "" || sameOrigin(p.upstream, at) {
		return p.public
	}
	f := newFront(p.upstream, at)
	if len(p.fronts) < maxFronts {
		p.fronts[host] = f
	}
	return f
}

// asUpstream turns a request to the proxy into one to the live side: links of the proxy become
// those of the live side. The app's own origin does not change, since the live side has to know
// it.
func (f *front) asUpstream(r *http.Request) {
	for name, values := range r.Header {
		if name == "Cookie" {
			continue
		}
		for i, v := range values {
			values[i] = f.in.inText(v)
		}
	}
	r.URL.RawQuery = f.in.inText(r.URL.RawQuery)
	r.URL.Scheme, r.URL.Host, r.URL.User = f.out.from.Scheme, f.out.from.Host, nil
	r.Host = ""
}

// headers rewrites the headers of an answer as those of the proxy.
func (f *front) headers(h http.Header) {
	// These apply to the live host: the browser would apply them to the proxy.
	h.Del("Strict-Transport-Security")
	h.Del("Alt-Svc")
	for name, values := range h {
		for i, v := range values {
			if name == "Set-Cookie" {
				values[i] = f.cookie(v)
			} else {
				values[i] = f.out.inText(v)
			}
		}
	}
}

// cookie makes a cookie one of the proxy's host. If the proxy has no TLS, the cookie cannot be
// Secure, and what browsers accept only with Secure goes with it: SameSite=None and Partitioned.
func (f *front) cookie(set string) string {
	parts := strings.Split(set, ";")
	kept := parts[:1]
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), "=")
		plain := f.public.Scheme == "http"
		switch {
		case name == "domain":
		case plain && (name == "secure" || name == "partitioned"):
		case plain && name == "samesite" && strings.TrimSpace(value) == "none":
		default:
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ";")
}

package target

import "strings"

// regions are the regions of PingOne and the host that signs people on there.
//
// Source: "PingOne domains and IP addresses" (p1_ip_address_domain_reference); the
// host of AP is the older one.
var regions = []struct{ code, host string }{
	{"NA", "auth.pingone.com"},
	{"EU", "auth.pingone.eu"},
	{"CA", "auth.pingone.ca"},
	{"AP", "auth.pingone.asia"},
	{"AU", "auth.pingone.com.au"},
	{"SG", "auth.pingone.sg"},
}

// regionBase returns the base URL of a region, whose code is written in any
// case, or "" where there is no such region.
func regionBase(code string) string {
	for _, r := range regions {
		if strings.EqualFold(r.code, code) {
			return "https://" + r.host
		}
	}
	return ""
}

// regionCodes lists the codes as an error names them.
func regionCodes() string {
	codes := make([]string, len(regions))
	for i, r := range regions {
		codes[i] = r.code
	}
	return strings.Join(codes, ", ")
}

// Region returns the code of the region of a live target, "" on a domain of its own.
func (l *Live) Region() string {
	for _, r := range regions {
		if strings.HasPrefix(l.Authorize, "https://"+r.host+"/") {
			return r.code
		}
	}
	return ""
}

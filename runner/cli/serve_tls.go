package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// secure puts TLS over a listener, with a certificate of a CA that is made for
// this run: its key is never written, its certificate lies at the path that is
// returned, where remove takes it away.
func (p *Process) secure(l net.Listener) (over net.Listener, at string, remove func(), err error) {
	ca, leaf, err := certify(l.Addr())
	if err != nil {
		return nil, "", nil, usage(errors.Join(fmt.Errorf("serve: certificate: %w", err), l.Close()), "")
	}
	dir, err := os.MkdirTemp("", "flowtest-serve-")
	if err == nil {
		at = filepath.Join(dir, "ca.pem")
		err = os.WriteFile(at, ca, 0o600)
	}
	if err == nil {
		_, err = fmt.Fprintf(p.Stdout, "the CA lies at %s until it ends\n", at)
	}
	if err != nil {
		return nil, "", nil, usage(errors.Join(fmt.Errorf("serve: %w", err), l.Close()), "")
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	}
	// What cannot be removed is a public certificate in the folder for such things.
	return tls.NewListener(l, config), at, func() { _ = os.RemoveAll(dir) }, nil
}

// certify makes a CA and, signed by it, a certificate for this machine's own
// names and the address that is listened on.
func certify(at net.Addr) (ca []byte, leaf tls.Certificate, err error) {
	const life = 7 * 24 * time.Hour
	template := func(name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(life),
		}
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	authority := template("flowtest serve CA")
	authority.IsCA, authority.BasicConstraintsValid, authority.KeyUsage = true, true, x509.KeyUsageCertSign
	caDER, err := x509.CreateCertificate(rand.Reader, authority, authority, &caKey.PublicKey, caKey)
	if err != nil {
		return nil, leaf, err
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	server := template("localhost")
	server.KeyUsage, server.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.DNSNames, server.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsUnspecified() {
		server.IPAddresses = append(server.IPAddresses, tcp.IP)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, server, authority, &leafKey.PublicKey, caKey)
	if err != nil {
		return nil, leaf, err
	}
	ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	return ca, tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey}, nil
}

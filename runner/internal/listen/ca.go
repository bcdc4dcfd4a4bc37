package listen

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"flowtest/runner/internal/safefile"
)

// Secure adds TLS to a listener, with a certificate of a CA that exists only for this
// run: its key is never written. Secure writes the CA's certificate to file; if that is
// empty, to a temporary file, which remove deletes. at is the name of the file.
//
// An existing file is overwritten only if it contains the certificate of an earlier
// run: the user may have named a CA that others trust. Say is called with a line if a
// process was killed while it wrote the file.
func Secure(l net.Listener, file string, say func(string)) (over net.Listener, at string, remove func(), err error) {
	ca, leaf, err := certify(l.Addr())
	if err != nil {
		return nil, "", nil, fmt.Errorf("certificate: %w", err)
	}
	if at, remove = file, func() {}; file != "" {
		err = keepCA(file, ca, say)
	} else {
		at, remove, err = temporaryCA(ca)
	}
	if err != nil {
		return nil, "", nil, err
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	}
	return tls.NewListener(l, config), at, remove, nil
}

// temporaryCA writes the certificate to a new temporary folder.
func temporaryCA(ca []byte) (at string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "flowtest-serve-")
	if err != nil {
		return "", nil, err
	}
	at = filepath.Join(dir, "ca.pem")
	// If it cannot be removed, a public certificate stays in the temporary folder.
	return at, func() { _ = os.RemoveAll(dir) }, os.WriteFile(at, ca, 0o600)
}

func keepCA(file string, ca []byte, say func(string)) error {
	before, err := safefile.Read(file, maxCA)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fmt.Errorf("--write-ca: %w", err)
	case !isOwnCA(before):
		return fmt.Errorf("--write-ca %s contains something other than a CA of flowtest serve, want another file", file)
	}
	err = safefile.Replace(file, say, func(w io.Writer) error {
		_, err := w.Write(ca)
		return err
	})
	if err != nil {
		return fmt.Errorf("--write-ca: %w", err)
	}
	return nil
}

// maxCA is how many bytes of a file are read to see whether it is ours.
const maxCA = 64 << 10

// isOwnCA reports whether a file contains only the certificate of an earlier run.
func isOwnCA(text []byte) bool {
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return false
	}
	c, err := x509.ParseCertificate(block.Bytes)
	return err == nil && c.Subject.CommonName == nameOfCA
}

// nameOfCA is the name of the CA.
const nameOfCA = "flowtest serve CA"

// certify creates a CA, and a certificate signed by it for the names of this machine
// and the address of the listener.
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
	authority := template(nameOfCA)
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

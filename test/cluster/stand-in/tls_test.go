package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"testing"
	"time"
)

func TestGrpcOverTls(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPem := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
	keyPem := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	c, err := configured(t, fmt.Sprintf("server_key: %q server_cert: %q custom_ca: %q client_verify: true", keyPem, certPem, certPem), base, "--ssl_config_file=FILE")
	if err != nil {
		t.Fatal(err)
	}
	port := free(t)
	c.values["port"] = fmt.Sprint(port)
	c.values["enable_grpc_healthcheck_service"] = "true"
	if err := (&server{manager: newManager(c)}).openGrpc(); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair([]byte(certPem), []byte(keyPem))
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM([]byte(certPem))
	ask := func(scheme string, own ...tls.Certificate) error {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, Certificates: own}, ForceAttemptHTTP2: true}
		client := &http.Client{Transport: transport, Timeout: 2 * time.Second}
		response, err := client.Post(fmt.Sprintf("%s://localhost:%d/grpc.health.v1.Health/Check", scheme, port), "application/grpc", bytes.NewReader(make([]byte, 5)))
		if err == nil && (response.ProtoMajor != 2 || response.StatusCode != 200) {
			err = fmt.Errorf("answered by %s: %s", response.Proto, response.Status)
		}
		return err
	}
	if err := ask("https", pair); err != nil {
		t.Error(err)
	}
	if ask("https") == nil {
		t.Error("a client without a certificate was let in")
	}
	if ask("http", pair) == nil {
		t.Error("plain gRPC was answered")
	}
}

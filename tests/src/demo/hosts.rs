//! The names and addresses of the site.

/// The virtual IP, the site's one public address.
pub(super) const VIP: &str = "10.10.10.100";
/// The first web site, served by two apaches.
pub(super) const COM: &str = "www.fehu.com";
/// The second web site, served by one apache.
pub(super) const CN: &str = "www.fehu.cn";
/// The real servers behind the director.
pub(super) const NGINX: [(&str, &str); 2] = [("nginx1", "10.10.10.12"), ("nginx2", "10.10.10.13")];
/// The web servers behind the two nginx.
pub(super) const APACHE: [(&str, &str); 3] = [
    ("apache1", "10.10.10.14"),
    ("apache2", "10.10.10.15"),
    ("apache3", "10.10.10.16"),
];

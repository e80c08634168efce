use lbnet::File;
#[test]
fn explore() {
    let s = "[[service]]\ntcp = \"192.0.2.1:80\"\n";
    let d = "[[service.destination]]\naddress = \"198.51.100.2:80\"\n";
    for t in [
        "[directors]\nvips = []\n", "[foo]\n", "[[timeouts]]\n", "[service]\ntcp=\"192.0.2.1:80\"\n", "[[sync]]\n", "[sync]\nrole=\"master\"\n",
        "[[sync]]\nrole = \"mastr\"\ninterface = \"eth0\"\n", "[[sync]]\nrole = 3\n", "[[sync]]\nrole = \"backup\"\ninterface = \"lo\"\nsync-id = 300\n",
        "[[sync]]\nrole = \"backup\"\ninterface = \"lo\"\n[[sync]]\nrole = \"backup\"\ninterface = \"eth0\"\n",
        "[[sync]]\nrole = \"backup\"\ninterface = \"lo\"\ngroup = \"10.0.0.1\"\n","[[sync]]\nrole = \"backup\"\ninterface = \"lo\"\ngroup = \"web\"\n",
        "[timeouts]\ntcp = \"soon\"\n","[timeouts]\ntcp = 30\n","[timeouts]\ntcp = \"3s\"\nudp = \"0\"\n", "[timeouts]\ntcp_fin = \"15m\"\n",
        &format!("{s}wieght = 1\n"), &format!("{s}persistence = 300\n"), &format!("{s}persistence = {{ timeout = \"5m\", mask = \"64\" }}\n"),
        &format!("{s}persistence = {{ }}\n"), &format!("{s}persistence = {{ netmask = \"64\", timeout = \"5m\" }}\n"),
        &format!("{s}persistence = {{ timeout = \"32days\" }}\n"), &format!("{s}one-packet = true\n"), &format!("{s}one-packet = 1\n"), &format!("{s}scheduler-flags = [\"sh-port\"]\n"),
        &format!("{s}scheduler-flags = \"sh-port\"\n"), &format!("{s}scheduler-flags = [3]\n"), &format!("{s}udp = \"192.0.2.1:80\"\n"), &format!("{s}family = \"ipv6\"\n"), "[[service]]\nfwmark=7\nfamily=\"v6\"\n",
        "[[service]]\nfwmark=0\n","[[service]]\nfwmark=-1\n","[[service]]\nfwmark=99999999999999999999\n","[[service]]\nfwmark=4294967296\n","[[service]]\nfwmark=1.5\n","[[service]]\nfwmark=1979-05-27\n","[[service]]\nudp=\"192.0.2.1\"\n","[[service]]\nscheduler=\"rr\"\n",
        &format!("{s}{d}wieght = 1\n"), &format!("{s}{d}weight = -1\n"), &format!("{s}{d}weight = 3000000000\n"), &format!("{s}{d}weight = \"heavy\"\n"), &format!("{s}{d}lower-threshold = 5\n"), &format!("{s}{d}upper-threshold=3\nlower-threshold = 5\n"),
        &format!("{s}{d}forward = \"nat\"\n"), &format!("{s}{d}tunnel = {{ type = \"ipip\" }}\n"), &format!("{s}{d}forward=\"tunnel\"\ntunnel = {{ type = \"gre\", port = 6080 }}\n"), &format!("{s}{d}forward=\"tunnel\"\ntunnel = {{ type = \"gue\" }}\n"),&format!("{s}{d}forward=\"tunnel\"\ntunnel = \"gue\"\n"),&format!("{s}{d}forward=\"tunnel\"\ntunnel = {{ type = \"vxlan\" }}\n"),&format!("{s}{d}forward=\"tunnel\"\ntunnel = {{ port = 3 }}\n"),&format!("{s}{d}forward=\"tunnel\"\ntunnel = {{ type=\"gue\", port = \"x\" }}\n"),
        &format!("{s}{d}{d}"), &format!("{s}{d}[[service.destination]]\naddress=\"198.51.100.3:81\"\n[[service.destination]]\naddress=\"198.51.100.1:82\"\n"), &format!("{s}{d}weight=1\nweight=2\n"),&format!("{s}{s}"), &format!("{s}[[service.destination]]\nweight=1\n"), &format!("{s}[service.destination]\nweight=1\n"), &format!("{s}[[service.destination]]\naddress=\"[2001:db8::1]:80\"\n"),
        "[director]\nvip = []\n", "[director]\nvips = [{ address = \"10.0.0.300\", device = \"eth0\" }]\n","[director]\nvips = [{ address = \"10.0.0.3/33\", device = \"eth0\" }]\n", "[director]\nvips = [{ address = \"10.0.0.3\", dev = \"eth0\" }]\n","[director]\nvips = [{ address = \"10.0.0.3\", device = \"a-name-too-long-for-it\" }]\n","[director]\nvips = [{ address = \"10.0.0.3\", device = \"eth0\", place = \"here\" }]\n","[director]\nvips = [{ address = \"10.0.0.3\", device = \"eth0\", forward = \"nat\" }]\n","[director]\nvips = [{ address = \"10.0.0.3\", device = \"eth0\", forward = [\"direct\", \"nat\"] }]\n","[director]\nvips = [{ address = \"10.0.0.3\", device = \"eth0\", forward = 3 }]\n","[director]\nvips = \"10.0.0.3\"\n","[director]\nvips = [\"10.0.0.3\"]\n",
        "director = 3\n", "[[director]]\n",
        "[real-server]\nvips = [\"10.0.0.3\", \"10.0.0.300\"]\ndevice=\"eth0\"\n","[real-server]\nvips = [\"10.0.0.3\", 3]\ndevice=\"eth0\"\n","[real-server]\nvips = [\"10.0.0.3\"]\n","[real-server]\nvips = []\ndevice=\"eth0\"\nforward=\"masquerade\"\n","[real-server]\nvips = []\ndevice=\"eth0\"\nforward=\"gue\"\n","[real-server]\nvips = []\ndevice=\"eth0\"\nlocal=\"10.0.0.3\"\n","real-server = 3\n","[real_server]\n",
        "-A -t 192.0.2.1:80 -s rr\n","[[service]\n","{}","\u{0}","services:\n- tcp\n","tcp = 1\n",
    ] {
        let e = File::parse(t).err().map_or("FINE".to_owned(), |e| e.to_string());
        println!("{t}    -> {e}\n");
    }
}

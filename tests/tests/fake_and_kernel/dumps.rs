//! Dumps of more than one datagram, and what changes do to them.

use std::collections::HashSet;

use ipvs::{Client, Destination, DestinationId, Endpoint, Family, Service, ServiceId};
use ipvs_sys::{CmdAttr, Command, Conversation, DestAttr, Error, IpvsMessage};

use crate::common::{destinations, mark, raw, web};

crate::conversations![
    a_thousand_destinations_come_in_order,
    hundreds_of_services_come_once_each,
    a_dump_of_services_is_not_filtered,
    what_is_added_meanwhile_repeats_destinations,
    what_is_deleted_meanwhile_hides_destinations,
    a_service_that_is_deleted_meanwhile_ends_the_dump,
    one_client_sees_what_another_does,
];

fn id(number: u16) -> DestinationId {
    let [high, low] = number.to_be_bytes();
    Endpoint::new([198, 18, high, low].into(), 80)
}

/// TCP 192.0.2.10:80 with destinations of these numbers.
fn fill(ipvs: &mut Client, numbers: std::ops::Range<u16>) {
    let _ = ipvs.add_service(&Service::new(web()));
    for number in numbers {
        ipvs.add_destination(web(), &Destination::new(id(number)))
            .unwrap();
    }
}

fn a_thousand_destinations_come_in_order(ipvs: &mut Client) {
    fill(ipvs, 0..1000);
    let found: Vec<_> = destinations(ipvs, web()).iter().map(|it| it.id).collect();
    assert_eq!(found, (0..1000).rev().map(id).collect::<Vec<_>>());
}

fn hundreds_of_services_come_once_each(ipvs: &mut Client) {
    let address = |number| Service::tcp(Endpoint::new([192, 0, 2, 10].into(), number));
    let marked = |number: u16| Service::fwmark(mark(number.into()), Family::Ipv6);
    let wanted: Vec<_> = (1..=400)
        .flat_map(|number| [address(number), marked(number)])
        .collect();
    for service in &wanted {
        ipvs.add_service(service).unwrap();
    }
    let statuses = ipvs.services().unwrap();
    let found: Vec<_> = statuses.into_iter().map(|status| status.service).collect();
    assert_eq!(found.len(), wanted.len());
    assert_eq!(
        found.iter().collect::<HashSet<_>>(),
        wanted.iter().collect()
    );
    // Marks have a table of their own, behind the other.
    let is_marked = |service: &Service| matches!(service.id, ServiceId::Fwmark { .. });
    assert!(found.is_sorted_by_key(is_marked));
}

fn a_dump_of_services_is_not_filtered((ipvs, kernel): &mut (Client, Conversation)) {
    for number in 1..=3 {
        let service = Service::fwmark(mark(number), Family::Ipv4);
        ipvs.add_service(&service).unwrap();
    }
    let filter = vec![CmdAttr::Service(raw::key(raw::TCP, 80))];
    let mut found = 0;
    let question = IpvsMessage::new(Command::GetService, filter);
    let count = |_| {
        found += 1;
        Ok(())
    };
    kernel.dump(question, count).unwrap();
    assert_eq!(found, 3);
}

/// Dumps the destinations of TCP 192.0.2.10:80; `meanwhile` is done once the first was read, when
/// the kernel has made two pieces.
fn dump_while(
    kernel: &mut Conversation,
    meanwhile: impl FnOnce() -> Result<(), ipvs::Error>,
) -> Vec<[u8; 16]> {
    let mut meanwhile = Some(meanwhile);
    let mut found = Vec::new();
    let question = vec![CmdAttr::Service(raw::key(raw::TCP, 80))];
    let read = |answer| {
        found.push(address(&answer));
        meanwhile.take().map_or(Ok(()), |it| it()).unwrap();
        Ok::<(), Error>(())
    };
    let question = IpvsMessage::new(Command::GetDest, question);
    kernel.dump(question, read).unwrap();
    found
}

fn address(answer: &IpvsMessage) -> [u8; 16] {
    if let IpvsMessage::Config { attributes, .. } = answer {
        if let [CmdAttr::Dest(attributes)] = attributes.as_slice() {
            let address = attributes.iter().find_map(|attribute| match attribute {
                DestAttr::Addr(address) => Some(*address),
                _ => None,
            });
            return address.unwrap();
        }
    }
    panic!("not a destination: {answer:?}");
}

/// The kernel goes on after as many as it sent, wherever that is by then.
fn what_is_added_meanwhile_repeats_destinations((ipvs, kernel): &mut (Client, Conversation)) {
    fill(ipvs, 0..400);
    let found = dump_while(kernel, || {
        fill(ipvs, 400..405);
        Ok(())
    });
    assert_eq!(found.len(), 405);
    let different: HashSet<_> = found.into_iter().collect();
    assert_eq!(different.len(), 400);
}

fn what_is_deleted_meanwhile_hides_destinations((ipvs, kernel): &mut (Client, Conversation)) {
    fill(ipvs, 0..400);
    // The newest, which were dumped already.
    let mut gone = (395..400).map(id);
    let found = dump_while(kernel, || {
        gone.try_for_each(|id| ipvs.delete_destination(web(), id))
    });
    assert_eq!(found.len(), 395);
    let different: HashSet<_> = found.into_iter().collect();
    assert_eq!(different.len(), 395);
    // Five of these are not among them.
    assert_eq!(ipvs.destinations(web()).unwrap().len(), 395);
}

fn a_service_that_is_deleted_meanwhile_ends_the_dump((ipvs, kernel): &mut (Client, Conversation)) {
    fill(ipvs, 0..400);
    let found = dump_while(kernel, || ipvs.delete_service(web()));
    assert!((1..400).contains(&found.len()), "{}", found.len());
}

fn one_client_sees_what_another_does((one, other): &mut (Client, Client)) {
    fill(one, 0..3);
    assert_eq!(one.table().unwrap(), other.table().unwrap());
    other.delete_destination(web(), id(1)).unwrap();
    let error = one.delete_destination(web(), id(1)).unwrap_err();
    assert!(error.is_not_found());
    other.flush().unwrap();
    assert_eq!(one.services().unwrap(), []);
}

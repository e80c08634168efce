mod commit;
mod destinations;
mod services;
mod sync;
mod table;
mod timeouts;

use std::fmt;
use std::time::Duration;

use ipvs_sys::{CmdAttr, Command, Conversation as Kernel, IpvsMessage};

use super::batch::Write;
use super::errno::Request;
use super::files::Files;
use crate::{
    Batch, Error, IneffectiveServices, Info, Invalid, Namespace, Service, model::validate,
    netlink::convert,
};

/// A client of the IPVS in one network namespace.
///
/// A request blocks until the kernel has answered, at most for the time of
/// [`set_patience`](Self::set_patience). A client can move to another thread. For several threads, give
/// each its own client, put one into a `Mutex`, or use `ipvs::asynchronous::Client`. Sharing a client by
/// reference does not compile:
/// ```compile_fail,E0277
/// let ipvs = ipvs::Client::open()?;
/// std::thread::scope(|scope| scope.spawn(|| ipvs.totals()).join());
/// # Ok::<(), ipvs::Error>(())
/// ```
///
/// # Examples
/// ```no_run
/// use ipvs::{Client, Destination, Endpoint, Scheduler, Service};
///
/// let mut ipvs = Client::open()?;
/// let web = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?).scheduler(Scheduler::ROUND_ROBIN);
/// ipvs.add_service(&web)?;
/// ipvs.add_destination(web.id, &Destination::new("198.51.100.7:80".parse::<Endpoint>()?))?;
/// # Ok::<(), ipvs::Error>(())
/// ```
pub struct Client {
    kernel: Kernel,
    pub(crate) files: Box<dyn Files>,
    ineffective_services: IneffectiveServices,
    /// Reusable buffer for single writes.
    single: Batch,
}

impl Client {
    /// Opens a client in the network namespace of the calling thread.
    ///
    /// The kernel loads `ip_vs` if necessary and possible.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: the kernel has no `ip_vs` and cannot load it. The kernel checks privilege
    /// only for requests.
    ///
    /// # Kernel
    /// Generic netlink family `IPVS`, since 2.6.28.
    pub fn open() -> Result<Self, Error> {
        Self::over(Kernel::open().map_err(not_opened)?)
    }

    /// Opens a client in another network namespace. The calling thread stays in its own.
    ///
    /// # Errors
    /// - [`Error::Namespace`]: the namespace cannot be entered. That needs `CAP_SYS_ADMIN`.
    /// - [`Error::Unavailable`]: the kernel has no `ip_vs` and cannot load it.
    pub fn open_in(namespace: Namespace) -> Result<Self, Error> {
        let kernel = namespace.run(Kernel::open)?.map_err(not_opened)?;
        Ok(Self::new(kernel, namespace))
    }

    /// Creates a client from an existing conversation. It reads files in the network namespace of the
    /// calling thread.
    pub fn over(kernel: Kernel) -> Result<Self, Error> {
        Ok(Self::new(kernel, Namespace::current()?))
    }

    /// Creates a client from a conversation and a source of files.
    pub(crate) fn new(kernel: Kernel, files: impl Files + 'static) -> Self {
        Self {
            kernel,
            files: Box::new(files),
            ineffective_services: IneffectiveServices::default(),
            single: Batch::new(),
        }
    }

    /// Sets how long each later request waits for its answer. The default is ten seconds.
    ///
    /// The kernel works on a request during the send, which no timeout can interrupt, for example while it
    /// loads the module of a scheduler.
    pub fn set_patience(&mut self, patience: Duration) {
        self.kernel.set_patience(patience);
    }

    /// Sets whether this client refuses services that are [ineffective](Service::ineffective), which is the
    /// default, or adds them. It applies to every method that adds or changes services.
    ///
    /// # Examples
    /// ```no_run
    /// use ipvs::{Client, Endpoint, IneffectiveServices, Service};
    ///
    /// let mut ipvs = Client::open()?;
    /// let discovery = Service::udp("239.255.255.250:1900".parse::<Endpoint>()?);
    /// assert!(ipvs.add_service(&discovery).is_err());
    /// // Only clients on this host are served.
    /// ipvs.set_ineffective_services(IneffectiveServices::Accept);
    /// ipvs.add_service(&discovery)?;
    /// # Ok::<(), ipvs::Error>(())
    /// ```
    pub fn set_ineffective_services(&mut self, services: IneffectiveServices) {
        self.ineffective_services = services;
    }

    /// Checks a service before it is sent.
    fn check_service(&self, service: &Service) -> Result<(), Invalid> {
        validate::service(service)?;
        self.check_effect(service)
    }

    /// Refuses an ineffective service, unless this client accepts such.
    pub(crate) fn check_effect(&self, service: &Service) -> Result<(), Invalid> {
        match self.ineffective_services {
            IneffectiveServices::Refuse => validate::effective(service),
            IneffectiveServices::Accept => Ok(()),
        }
    }

    /// Reads the IPVS version and the size of the connection table.
    ///
    /// # Kernel
    /// `IPVS_CMD_GET_INFO`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_GET_INFO")]
    pub fn info(&mut self) -> Result<Info, Error> {
        let answer = self.get(Request::General, Command::GetInfo, vec![])?;
        Ok(convert::info::from_message(answer).map_err(ipvs_sys::Error::from)?)
    }

    /// Deletes all services and their destinations. Connections and timeouts are unchanged.
    ///
    /// Same as `ipvsadm -C`.
    ///
    /// # Kernel
    /// `IPVS_CMD_FLUSH`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_FLUSH")]
    pub fn flush(&mut self) -> Result<(), Error> {
        self.execute(Request::General, Command::Flush, vec![])
    }

    /// Zeroes the counters of all services and destinations, and the totals.
    ///
    /// Same as `ipvsadm -Z`.
    ///
    /// # Kernel
    /// `IPVS_CMD_ZERO`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_ZERO")]
    pub fn zero(&mut self) -> Result<(), Error> {
        self.execute(Request::General, Command::Zero, vec![])
    }

    /// Sends one write without validation, so that whatever the kernel has can be kept or restored.
    pub(crate) fn write(&mut self, write: &Write<'_>) -> Result<(), Error> {
        self.single.clear();
        self.single.push(write)?;
        let committed = self.kernel.commit(&mut self.single.requests, 0);
        let refused = committed.and_then(|mut committed| match committed.refused.pop() {
            Some((_, error)) => Err(error),
            None => committed.answers,
        });
        refused.map_err(|error| write.refused(error))
    }

    fn execute(
        &mut self,
        request: Request<'_>,
        command: Command,
        attributes: Vec<CmdAttr>,
    ) -> Result<(), Error> {
        self.kernel
            .execute(IpvsMessage::new(command, attributes))
            .map_err(|error| request.refused(error))
    }

    fn get(
        &mut self,
        request: Request<'_>,
        command: Command,
        attributes: Vec<CmdAttr>,
    ) -> Result<IpvsMessage, Error> {
        self.kernel
            .get(IpvsMessage::new(command, attributes))
            .map_err(|error| request.refused(error))
    }

    fn dump(
        &mut self,
        command: Command,
        attributes: Vec<CmdAttr>,
        each: impl FnMut(&[u8]) -> Result<(), ipvs_sys::Error>,
    ) -> Result<(), Error> {
        self.kernel
            .dump_bytes(IpvsMessage::new(command, attributes), each)
            .map_err(|error| Request::General.refused(error))
    }
}

fn not_opened(error: ipvs_sys::Error) -> Error {
    Request::General.refused(error)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

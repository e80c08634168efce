use std::num::NonZeroU32;
use std::time::Duration;

use crate::{Client, DestinationId, Error, Invalid, ServiceId, model::validate};

/// Options for ramping: changing the weight of a destination in steps; see
/// [`Client::ramp_destination`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    to: u32,
    over: Duration,
    steps: NonZeroU32,
}

impl Ramp {
    /// Creates options that change to this weight within a minute, in ten steps.
    pub fn to(weight: u32) -> Self {
        Self {
            to: weight,
            over: Duration::from_secs(60),
            steps: NonZeroU32::MIN.saturating_add(9),
        }
    }

    /// Sets the time between the first and the last step.
    #[must_use]
    pub fn over(mut self, duration: Duration) -> Self {
        self.over = duration;
        self
    }

    /// Sets the number of steps.
    #[must_use]
    pub fn steps(mut self, steps: NonZeroU32) -> Self {
        self.steps = steps;
        self
    }

    /// Returns the weight after each step, starting from the weight `from`.
    ///
    /// A rising weight is never below 1: at weight 0 the destination would get no connections.
    pub fn weights(&self, from: u32) -> impl Iterator<Item = u32> + use<> {
        let ramp = *self;
        (1..=self.steps.get()).map(move |step| ramp.weight_after(from, step))
    }

    /// Returns the weight that is due `elapsed` after the ramp started at the weight `from`, for a program
    /// that sets weights in its own loop.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use ipvs::Ramp;
    ///
    /// let ramp = Ramp::to(100).over(Duration::from_secs(90));
    /// assert_eq!(ramp.weight_at(0, Duration::ZERO), 10);
    /// assert_eq!(ramp.weight_at(0, Duration::from_secs(45)), 50);
    /// assert_eq!(ramp.weight_at(0, Duration::from_secs(90)), 100);
    /// ```
    pub fn weight_at(&self, from: u32, elapsed: Duration) -> u32 {
        let interval = self.interval().as_nanos();
        let steps = elapsed.as_nanos().checked_div(interval);
        let step = steps.and_then(|steps| u32::try_from(steps).ok());
        let step = step.map_or(u32::MAX, |step| step.saturating_add(1));
        self.weight_after(from, step.min(self.steps.get()))
    }

    fn weight_after(&self, from: u32, step: u32) -> u32 {
        let steps = i128::from(self.steps.get());
        let way = (i128::from(self.to) - i128::from(from)) * i128::from(step);
        let weight = u32::try_from(i128::from(from) + way / steps).unwrap_or_default();
        if self.to > from {
            weight.max(1)
        } else {
            weight
        }
    }

    /// Checks that the weight is valid.
    pub(crate) fn validate(&self) -> Result<(), Invalid> {
        validate::weight(self.to)
    }

    /// The time between two steps.
    pub(crate) fn interval(&self) -> Duration {
        match self.steps.get() {
            1 => Duration::ZERO,
            steps => self.over / (steps - 1),
        }
    }
}

/// How a ramp ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "somebody else may have set another weight"]
pub enum Ramped {
    /// The destination has the target weight.
    Done,
    /// Another program changed the weight to this value, which stays.
    Overtaken(u32),
}

impl Client {
    /// Ramps a destination: changes its weight in steps, so that a server that just started is not
    /// overloaded. `progress` receives each weight.
    ///
    /// # Errors
    /// - [`Error::DestinationNotFound`] or [`Error::ServiceNotFound`], also if it is deleted meanwhile.
    /// - [`Invalid::Weight`](crate::Invalid::Weight): the target weight is invalid.
    ///
    /// # Examples
    /// ```no_run
    /// use std::time::Duration;
    /// use ipvs::{Client, Endpoint, Ramp, ServiceId};
    ///
    /// let mut ipvs = Client::open()?;
    /// let web = ServiceId::tcp("192.0.2.10:80".parse::<Endpoint>()?);
    /// let server: Endpoint = "198.51.100.7:80".parse()?;
    /// let slowly = Ramp::to(100).over(Duration::from_secs(300));
    /// let ramped = ipvs.ramp_destination(web, server, &slowly, |weight| println!("weight {weight}"))?;
    /// println!("{ramped:?}");
    /// # Ok::<(), ipvs::Error>(())
    /// ```
    pub fn ramp_destination(
        &mut self,
        service: ServiceId,
        id: DestinationId,
        ramp: &Ramp,
        mut progress: impl FnMut(u32),
    ) -> Result<Ramped, Error> {
        ramp.validate()?;
        let mut last = self.destination(service, id)?.destination.weight;
        for (step, weight) in ramp.weights(last).enumerate() {
            if step > 0 {
                std::thread::sleep(ramp.interval());
            }
            if let Some(other) = self.step_weight(service, id, last, weight)? {
                return Ok(Ramped::Overtaken(other));
            }
            progress(weight);
            last = weight;
        }
        Ok(Ramped::Done)
    }

    /// Changes the weight from `from` to `to`. If the destination has another weight than `from`, returns
    /// that weight and changes nothing.
    pub(crate) fn step_weight(
        &mut self,
        service: ServiceId,
        id: DestinationId,
        from: u32,
        to: u32,
    ) -> Result<Option<u32>, Error> {
        let mut other = None;
        self.edit_destination(service, id, |destination| {
            if destination.weight == from {
                destination.weight = to;
            } else {
                other = Some(destination.weight);
            }
        })?;
        Ok(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(from: u32, to: u32, steps: u32) -> Vec<u32> {
        let steps = NonZeroU32::new(steps).unwrap();
        Ramp::to(to).steps(steps).weights(from).collect()
    }

    #[test]
    fn weights_go_evenly_to_the_last_in_either_direction() {
        assert_eq!(weights(0, 100, 4), [25, 50, 75, 100]);
        assert_eq!(weights(100, 0, 3), [67, 34, 0]);
        assert_eq!(weights(5, 5, 2), [5, 5]);
        assert_eq!(weights(0, 1, 3), [1, 1, 1]);
        assert_eq!(weights(0, 3, 4), [1, 1, 2, 3]);
        let highest = 2_147_483_647;
        assert_eq!(weights(0, highest, 1), [highest]);
        assert_eq!(weights(u32::MAX, 0, 2), [2_147_483_648, 0]);
    }

    #[test]
    fn the_weight_at_a_moment_is_that_after_the_last_step_before_it() {
        let three = NonZeroU32::new(3).unwrap();
        let ramp = Ramp::to(9).over(Duration::from_secs(2)).steps(three);
        let at = |milliseconds| ramp.weight_at(0, Duration::from_millis(milliseconds));
        assert_eq!([at(0), at(999), at(1000), at(1999)], [3, 3, 6, 6]);
        assert_eq!([at(2000), at(u64::MAX)], [9, 9]);
        let at_once = ramp.over(Duration::ZERO);
        assert_eq!(at_once.weight_at(0, Duration::ZERO), 9);
        let one_step = ramp.steps(NonZeroU32::MIN);
        assert_eq!(one_step.weight_at(0, Duration::ZERO), 9);
        assert_eq!(Ramp::to(1).weight_at(0, Duration::ZERO), 1);
    }

    #[test]
    fn the_time_is_that_between_the_first_step_and_the_last() {
        let minute = Ramp::to(1).over(Duration::from_secs(60));
        let steps = |steps| minute.steps(NonZeroU32::new(steps).unwrap()).interval();
        assert_eq!(steps(1), Duration::ZERO);
        assert_eq!(steps(2), Duration::from_secs(60));
        assert_eq!(steps(7), Duration::from_secs(10));
    }
}

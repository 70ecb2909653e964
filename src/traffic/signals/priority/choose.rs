//! Which course of action is best for all who wait at a signal.

use super::forecast::{Course, First, Model, Queues, Start, Then};
use super::params::PriorityParams;
use super::request::Measure;

/// Moments (s from now) at which the running green might end.
const MOMENTS_S: [f32; 7] = [0.0, 2.0, 4.0, 7.0, 10.0, 14.0, 19.0];

/// Requests that courses are tried for at a time; the others count in the waiting all the same.
const TRIED: usize = 3;

/// What limits the choice.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    /// Settings.
    pub params: &'a PriorityParams,
    /// Seconds left to give in this cycle.
    pub budget_s: f32,
    /// By phase: seconds given and not yet got back.
    pub debt_s: &'a [f64],
    /// By phase: end of its last green (s).
    pub green_end_s: &'a [f64],
    /// Time now (s).
    pub now_s: f64,
}

/// The choice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chosen {
    /// What to do; none: nothing.
    pub course: Option<Course>,
    /// Request that it is done for.
    pub request: Option<u32>,
    /// Name of it.
    pub measure: Option<Measure>,
    /// It takes effect now; else a better moment is waited for.
    pub acts: bool,
    /// It ends the running green now.
    pub ends_now: bool,
    /// What asking passengers gain (person s).
    pub gain_person_s: f32,
    /// What the others lose (person s).
    pub loss_person_s: f32,
    /// Seconds given by acting now.
    pub costs_s: f32,
    /// Requests that pass sooner by it.
    pub served: Vec<u32>,
    /// Requests that hardly wait without any measure.
    pub green_anyway: Vec<u32>,
    /// Something would have been done had the budget allowed it.
    pub barred: bool,
}

/// Finds the course with the least waiting of all persons, among those that the limits allow.
pub fn choose(model: &Model, queues: &Queues, start: Start, limits: &Limits) -> Chosen {
    let params = limits.params;
    let horizon = params.horizon_s as usize;
    let mut targets: Vec<(usize, usize)> = Vec::new();
    for (lane, queue) in queues.iter().enumerate() {
        for (number, comer) in queue.iter().enumerate() {
            if comer.request.is_some() {
                targets.push((lane, number));
            }
        }
    }
    targets.sort_by(|a, b| {
        let at = |target: &(usize, usize)| queues[target.0][target.1].at_s;
        at(a).total_cmp(&at(b))
    });
    let mut chosen = Chosen::default();
    let Some(&first) = targets.first() else {
        return chosen;
    };
    let nothing = |target| Course {
        first: First::Programme,
        then: Then::Programme,
        target,
        beyond_s: 0.0,
    };
    let base = model.play(queues, start, &nothing(first), horizon, f32::INFINITY);
    let mut best = base;
    let mut waits_anyway = Vec::new();
    for &target in targets.iter().take(TRIED) {
        let comer = queues[target.0][target.1];
        let alone = if target == first {
            base
        } else {
            model.play(queues, start, &nothing(target), horizon, f32::INFINITY)
        };
        if alone.passes_s - comer.at_s < 3.0 {
            chosen.green_anyway.extend(comer.request);
        } else {
            waits_anyway.push((comer.request, alone.passes_s));
        }
        let serves = model.phases[start.phase].shows[comer.place] > 0;
        for course in courses(model, start, target, comer.place, serves, limits) {
            let measure = measure_of(&course, serves);
            if !allowed(params, measure) {
                continue;
            }
            let bound = best.total() - params.least_gain_person_s.min(1.0) as f32;
            let tally = model.play(queues, start, &course, horizon, bound);
            if tally.total() >= bound {
                continue;
            }
            let gain = base.total() - tally.total();
            if gain < params.least_gain_person_s as f32 {
                continue;
            }
            let ends_now = matches!(course.first, First::EndAt(time) if time <= 0.0);
            let holds_now = matches!(course.first, First::Hold)
                || matches!(course.first, First::EndAt(time) if time > 0.0);
            let costs_s = if ends_now {
                (base.first_end_s - 0.0).min(model.phases[start.phase].longest_s)
            } else if holds_now && base.first_end_s < 1.0 {
                1.0
            } else {
                0.0
            };
            let indebted = ends_now
                && limits.debt_s[start.phase] + f64::from(costs_s) > params.stage_debt_s
                && costs_s > 1.0;
            if costs_s > limits.budget_s || indebted {
                chosen.barred = true;
                continue;
            }
            best = tally;
            chosen.course = Some(course);
            chosen.request = comer.request;
            chosen.measure = Some(measure);
            chosen.acts = ends_now || costs_s > 0.0;
            chosen.ends_now = ends_now;
            chosen.gain_person_s = base.asking - tally.asking;
            chosen.loss_person_s = tally.others - base.others;
            chosen.costs_s = costs_s;
        }
    }
    if let Some(course) = chosen.course {
        for &target in targets.iter().take(TRIED) {
            let request = queues[target.0][target.1].request;
            let tally = model.play(
                queues,
                start,
                &Course { target, ..course },
                horizon,
                f32::INFINITY,
            );
            let sooner = waits_anyway
                .iter()
                .any(|&(other, passes)| other == request && tally.passes_s < passes);
            if sooner {
                chosen.served.extend(request);
            }
        }
    }
    chosen
}

/// Courses to try for a vehicle.
fn courses(
    model: &Model,
    start: Start,
    target: (usize, usize),
    place: usize,
    serves: bool,
    limits: &Limits,
) -> Vec<Course> {
    let params = limits.params;
    let beyond_s = params.beyond_s as f32;
    let course = |first, then| Course {
        first,
        then,
        target,
        beyond_s,
    };
    let mut list = Vec::new();
    if serves {
        list.push(course(First::Hold, Then::Programme));
    } else {
        list.push(course(First::Programme, Then::Shortest));
    }
    let running = &model.phases[start.phase];
    let least_left = (running.least_s - start.passed_s).max(0.0);
    let longest_left = running.longest_s + beyond_s - start.passed_s;
    let jumps = jumps(model, start, place, limits);
    for moment in MOMENTS_S {
        if moment < least_left || moment > longest_left {
            continue;
        }
        list.push(course(First::EndAt(moment), Then::Shortest));
        for &then in &jumps {
            list.push(course(First::EndAt(moment), then));
        }
    }
    list
}

/// Ways straight to a stage of the vehicle that do not pass others over for too long.
fn jumps(model: &Model, start: Start, place: usize, limits: &Limits) -> Vec<Then> {
    let params = limits.params;
    if start.resume.is_some() || !model.round.contains(&start.phase) {
        return Vec::new();
    }
    let natural = model.next_green(start.phase);
    let mut list = Vec::new();
    for &phase in &model.round {
        let stage = &model.phases[phase];
        if !stage.green || stage.shows[place] == 0 || phase == start.phase || phase == natural {
            continue;
        }
        // Clearing times for people on foot (everything red for long) are not passed over.
        let mut between = Vec::new();
        let mut at = model.phases[start.phase].next;
        let mut crosses_foot_stage = false;
        while at != phase && between.len() <= model.phases.len() {
            between.push(at);
            crosses_foot_stage |= model.phases[at].shows.iter().all(|&shows| shows == 0)
                && model.phases[at].least_s >= 4.0
                && !model.phases[at].green;
            at = model.phases[at].next;
        }
        let waits_s = model.bridge_s(start.phase, phase) + stage.longest_s + params.beyond_s as f32;
        let too_long = between.iter().any(|&at| {
            model.phases[at].green
                && limits.now_s - limits.green_end_s[at] + f64::from(waits_s) > params.longest_red_s
        });
        if crosses_foot_stage || too_long {
            continue;
        }
        if params.measures.rotation {
            list.push(Then::Jump {
                phase,
                resume: None,
            });
        }
        if params.measures.insertion && natural != phase {
            list.push(Then::Jump {
                phase,
                resume: Some(natural),
            });
        }
    }
    list
}

fn measure_of(course: &Course, serves: bool) -> Measure {
    match (course.first, course.then) {
        (First::Hold, _) => Measure::Extension,
        (
            _,
            Then::Jump {
                resume: Some(_), ..
            },
        ) => Measure::Insertion,
        (_, Then::Jump { resume: None, .. }) => Measure::Rotation,
        (First::EndAt(time), _) if serves && time > 0.0 => Measure::Extension,
        _ => Measure::EarlyGreen,
    }
}

fn allowed(params: &PriorityParams, measure: Measure) -> bool {
    match measure {
        Measure::Extension => params.measures.extension,
        Measure::EarlyGreen => params.measures.early_green,
        Measure::Insertion => params.measures.insertion,
        Measure::Rotation => params.measures.rotation,
    }
}

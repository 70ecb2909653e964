//! Icons drawn as lines on a 16-point grid: they follow the text colour and every size, and need no image or symbol font.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, vec2};

/// What an icon stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Folder.
    Open,
    /// Disk.
    Save,
    /// Arrow back.
    Undo,
    /// Arrow forward.
    Redo,
    /// The sun: compute sun hours.
    Run,
    /// A cross in a circle: stop.
    Cancel,
    /// House: the first view.
    Home,
    /// Compass needle.
    North,
    /// View from above.
    Top,
    /// Target: the selection.
    Focus,
    /// Magnifier.
    Find,
    /// Question mark.
    Help,
    /// Half circle: light or dark.
    Theme,
    /// Letter, smaller.
    TextSmaller,
    /// Letter, larger.
    TextLarger,
    /// Open eye.
    Shown,
    /// Closed eye.
    Hidden,
    /// Bin.
    Delete,
    /// Plus.
    Add,
    /// Minus.
    Less,
    /// Triangle.
    Play,
    /// Two bars.
    Pause,
    /// Triangle against a bar, to the left.
    StepBack,
    /// Triangle against a bar, to the right.
    StepForward,
    /// Waves with an arrow: where the water flows.
    Flow,
    /// A drop: compute the water.
    Water,
    /// Three lines that curl: compute the wind.
    Wind,
    /// A bus: compute the traffic.
    Bus,
    /// Somebody who walks: compute access.
    Walk,
    /// A tick in a circle: granted, reached.
    Granted,
    /// A circle: still to come.
    Ahead,
    /// A wall in water.
    Wall,
    /// A mound with an arrow up: raise the terrain.
    Mound,
    /// A line with a profile: section.
    Section,
    /// Cross.
    Close,
    /// Triangle with an exclamation mark.
    Warning,
    /// Circle with an i.
    Info,
    /// Arrow to the right.
    Closed,
    /// Arrow down.
    Opened,
    /// Pencil.
    Edit,
    /// House outline: a building.
    Building,
    /// Tree.
    Tree,
    /// Crossed arrows: move.
    Move,
    /// Arrow up and down: height.
    Height,
    /// Panel at the left.
    PanelLeft,
    /// Panel at the right.
    PanelRight,
    /// Panel at the bottom.
    PanelBottom,
}

/// A part of an icon, in 16ths of its side.
enum Part {
    /// Open line.
    Line(&'static [(f32, f32)]),
    /// Closed outline.
    Ring(&'static [(f32, f32)]),
    /// Filled convex shape.
    Fill(&'static [(f32, f32)]),
    /// Circle: centre, radius.
    Circle(f32, f32, f32),
    /// Filled circle: centre, radius.
    Dot(f32, f32, f32),
    /// Arc: centre, radius, from and to in degrees clockwise from the right.
    Arc(f32, f32, f32, f32, f32),
}

use Part::{Arc, Circle, Dot, Fill, Line, Ring};

fn parts(icon: Icon) -> &'static [Part] {
    match icon {
        Icon::Open => &[
            Line(&[
                (1.5, 13.0),
                (1.5, 3.5),
                (6.0, 3.5),
                (7.5, 5.5),
                (13.0, 5.5),
                (13.0, 7.5),
            ]),
            Ring(&[(1.5, 13.0), (4.0, 7.5), (15.0, 7.5), (12.5, 13.0)]),
        ],
        Icon::Save => &[
            Ring(&[
                (2.0, 2.0),
                (11.5, 2.0),
                (14.0, 4.5),
                (14.0, 14.0),
                (2.0, 14.0),
            ]),
            Line(&[(5.0, 2.0), (5.0, 6.0), (10.5, 6.0), (10.5, 2.0)]),
            Line(&[(4.5, 14.0), (4.5, 9.5), (11.5, 9.5), (11.5, 14.0)]),
        ],
        Icon::Undo => &[
            Line(&[(5.5, 2.5), (2.0, 6.0), (5.5, 9.5)]),
            Line(&[(2.0, 6.0), (10.0, 6.0)]),
            Arc(10.0, 9.75, 3.75, -90.0, 90.0),
            Line(&[(10.0, 13.5), (5.5, 13.5)]),
        ],
        Icon::Redo => &[
            Line(&[(10.5, 2.5), (14.0, 6.0), (10.5, 9.5)]),
            Line(&[(14.0, 6.0), (6.0, 6.0)]),
            Arc(6.0, 9.75, 3.75, 90.0, 270.0),
            Line(&[(6.0, 13.5), (10.5, 13.5)]),
        ],
        Icon::Run => &[
            Circle(8.0, 8.0, 3.25),
            Line(&[(8.0, 0.75), (8.0, 2.75)]),
            Line(&[(8.0, 13.25), (8.0, 15.25)]),
            Line(&[(0.75, 8.0), (2.75, 8.0)]),
            Line(&[(13.25, 8.0), (15.25, 8.0)]),
            Line(&[(2.9, 2.9), (4.3, 4.3)]),
            Line(&[(11.7, 11.7), (13.1, 13.1)]),
            Line(&[(2.9, 13.1), (4.3, 11.7)]),
            Line(&[(11.7, 4.3), (13.1, 2.9)]),
        ],
        Icon::Cancel => &[
            Circle(8.0, 8.0, 6.5),
            Line(&[(5.5, 5.5), (10.5, 10.5)]),
            Line(&[(10.5, 5.5), (5.5, 10.5)]),
        ],
        Icon::Home => &[
            Line(&[(1.0, 8.0), (8.0, 1.75), (15.0, 8.0)]),
            Line(&[(3.0, 7.0), (3.0, 14.0), (13.0, 14.0), (13.0, 7.0)]),
            Line(&[(6.5, 14.0), (6.5, 9.5), (9.5, 9.5), (9.5, 14.0)]),
        ],
        Icon::North => &[
            Ring(&[(8.0, 1.0), (12.5, 14.5), (8.0, 11.5), (3.5, 14.5)]),
            Fill(&[(8.0, 1.0), (8.0, 11.5), (3.5, 14.5)]),
        ],
        Icon::Top => &[
            Ring(&[(2.0, 2.0), (14.0, 2.0), (14.0, 14.0), (2.0, 14.0)]),
            Line(&[(8.0, 2.0), (8.0, 6.0)]),
            Ring(&[(5.5, 6.0), (11.0, 6.0), (11.0, 11.0), (5.5, 11.0)]),
        ],
        Icon::Focus => &[
            Circle(8.0, 8.0, 5.0),
            Dot(8.0, 8.0, 1.5),
            Line(&[(8.0, 0.75), (8.0, 4.5)]),
            Line(&[(8.0, 11.5), (8.0, 15.25)]),
            Line(&[(0.75, 8.0), (4.5, 8.0)]),
            Line(&[(11.5, 8.0), (15.25, 8.0)]),
        ],
        Icon::Find => &[
            Circle(6.75, 6.75, 4.75),
            Line(&[(10.25, 10.25), (14.5, 14.5)]),
        ],
        Icon::Help => &[
            Circle(8.0, 8.0, 6.75),
            Arc(8.0, 6.5, 2.25, 180.0, 400.0),
            Line(&[(9.6, 8.0), (8.0, 9.0), (8.0, 10.0)]),
            Dot(8.0, 12.0, 0.9),
        ],
        Icon::Theme => &[
            Circle(8.0, 8.0, 6.25),
            Fill(&[
                (8.0, 1.75),
                (11.1, 2.6),
                (13.4, 4.9),
                (14.25, 8.0),
                (13.4, 11.1),
                (11.1, 13.4),
                (8.0, 14.25),
            ]),
        ],
        Icon::TextSmaller => &[
            Line(&[(1.5, 13.0), (5.0, 4.0), (8.5, 13.0)]),
            Line(&[(2.7, 10.0), (7.3, 10.0)]),
            Line(&[(10.5, 8.0), (15.0, 8.0)]),
        ],
        Icon::TextLarger => &[
            Line(&[(1.5, 13.0), (5.0, 4.0), (8.5, 13.0)]),
            Line(&[(2.7, 10.0), (7.3, 10.0)]),
            Line(&[(10.5, 8.0), (15.0, 8.0)]),
            Line(&[(12.75, 5.75), (12.75, 10.25)]),
        ],
        Icon::Shown => &[
            Ring(&[
                (1.0, 8.0),
                (3.0, 5.4),
                (5.5, 3.9),
                (8.0, 3.4),
                (10.5, 3.9),
                (13.0, 5.4),
                (15.0, 8.0),
                (13.0, 10.6),
                (10.5, 12.1),
                (8.0, 12.6),
                (5.5, 12.1),
                (3.0, 10.6),
            ]),
            Dot(8.0, 8.0, 2.25),
        ],
        Icon::Hidden => &[
            Line(&[
                (1.0, 7.0),
                (3.0, 9.6),
                (5.5, 11.1),
                (8.0, 11.6),
                (10.5, 11.1),
                (13.0, 9.6),
                (15.0, 7.0),
            ]),
            Line(&[(4.2, 10.4), (3.0, 12.6)]),
            Line(&[(8.0, 11.6), (8.0, 14.0)]),
            Line(&[(11.8, 10.4), (13.0, 12.6)]),
        ],
        Icon::Delete => &[
            Line(&[(2.0, 4.0), (14.0, 4.0)]),
            Line(&[(6.0, 4.0), (6.0, 2.0), (10.0, 2.0), (10.0, 4.0)]),
            Line(&[(3.5, 4.0), (4.25, 14.0), (11.75, 14.0), (12.5, 4.0)]),
            Line(&[(6.5, 7.0), (6.75, 11.5)]),
            Line(&[(9.5, 7.0), (9.25, 11.5)]),
        ],
        Icon::Add => &[
            Line(&[(8.0, 3.0), (8.0, 13.0)]),
            Line(&[(3.0, 8.0), (13.0, 8.0)]),
        ],
        Icon::Less => &[Line(&[(3.0, 8.0), (13.0, 8.0)])],
        Icon::Play => &[Fill(&[(4.0, 2.0), (14.0, 8.0), (4.0, 14.0)])],
        Icon::Pause => &[
            Fill(&[(3.5, 2.5), (6.75, 2.5), (6.75, 13.5), (3.5, 13.5)]),
            Fill(&[(9.25, 2.5), (12.5, 2.5), (12.5, 13.5), (9.25, 13.5)]),
        ],
        Icon::StepBack => &[
            Fill(&[(13.0, 3.0), (13.0, 13.0), (5.5, 8.0)]),
            Fill(&[(3.0, 3.0), (5.0, 3.0), (5.0, 13.0), (3.0, 13.0)]),
        ],
        Icon::StepForward => &[
            Fill(&[(3.0, 3.0), (10.5, 8.0), (3.0, 13.0)]),
            Fill(&[(11.0, 3.0), (13.0, 3.0), (13.0, 13.0), (11.0, 13.0)]),
        ],
        Icon::Flow => &[
            Line(&[(1.5, 5.0), (12.0, 5.0)]),
            Line(&[(9.0, 2.0), (12.0, 5.0), (9.0, 8.0)]),
            Line(&[(4.0, 11.0), (14.5, 11.0)]),
            Line(&[(11.5, 8.0), (14.5, 11.0), (11.5, 14.0)]),
        ],
        Icon::Water => &[
            Ring(&[
                (8.0, 1.5),
                (11.6, 6.6),
                (12.6, 9.6),
                (11.6, 12.4),
                (8.0, 14.3),
                (4.4, 12.4),
                (3.4, 9.6),
                (4.4, 6.6),
            ]),
            Arc(8.0, 9.6, 2.4, 60.0, 150.0),
        ],
        Icon::Wind => &[
            Line(&[(1.5, 6.0), (9.5, 6.0)]),
            Arc(9.5, 3.9, 2.1, -150.0, 90.0),
            Line(&[(1.5, 9.0), (12.0, 9.0)]),
            Arc(12.0, 11.1, 2.1, -90.0, 150.0),
            Line(&[(3.0, 12.0), (7.0, 12.0)]),
        ],
        Icon::Wall => &[
            Ring(&[(6.0, 2.0), (10.0, 2.0), (10.0, 14.0), (6.0, 14.0)]),
            Line(&[(0.75, 7.5), (2.5, 6.5), (4.25, 7.5), (6.0, 6.5)]),
            Line(&[(0.75, 11.5), (2.5, 10.5), (4.25, 11.5), (6.0, 10.5)]),
            Line(&[(10.0, 14.0), (15.25, 14.0)]),
        ],
        Icon::Mound => &[
            Line(&[
                (1.0, 14.0),
                (4.0, 14.0),
                (6.0, 10.0),
                (10.0, 10.0),
                (12.0, 14.0),
                (15.0, 14.0),
            ]),
            Line(&[(8.0, 7.5), (8.0, 1.5)]),
            Line(&[(5.5, 4.0), (8.0, 1.5), (10.5, 4.0)]),
        ],
        Icon::Section => &[
            Line(&[(1.5, 2.0), (1.5, 14.0), (14.5, 14.0)]),
            Line(&[
                (1.5, 5.5),
                (5.0, 5.5),
                (7.0, 11.0),
                (10.0, 11.0),
                (12.0, 7.0),
                (14.5, 7.0),
            ]),
            Line(&[(6.0, 8.0), (11.3, 8.0)]),
        ],
        Icon::Bus => &[
            Ring(&[(1.5, 3.0), (14.5, 3.0), (14.5, 11.5), (1.5, 11.5)]),
            Line(&[(1.5, 7.5), (14.5, 7.5)]),
            Line(&[(6.0, 3.0), (6.0, 7.5)]),
            Line(&[(10.5, 3.0), (10.5, 7.5)]),
            Dot(4.5, 12.5, 1.6),
            Dot(11.5, 12.5, 1.6),
        ],
        Icon::Walk => &[
            Dot(8.5, 2.6, 1.5),
            Line(&[(8.5, 5.0), (8.0, 9.0), (10.5, 11.5), (11.5, 14.5)]),
            Line(&[(8.0, 9.0), (6.5, 11.5), (4.0, 14.5)]),
            Line(&[(4.5, 8.5), (6.0, 6.0), (8.5, 5.0), (10.0, 7.0), (12.5, 7.8)]),
        ],
        Icon::Granted => &[
            Circle(8.0, 8.0, 6.75),
            Line(&[(4.75, 8.25), (7.0, 10.5), (11.25, 5.75)]),
        ],
        Icon::Ahead => &[Circle(8.0, 8.0, 3.5)],
        Icon::Close => &[
            Line(&[(3.5, 3.5), (12.5, 12.5)]),
            Line(&[(12.5, 3.5), (3.5, 12.5)]),
        ],
        Icon::Warning => &[
            Ring(&[(8.0, 1.75), (15.0, 14.0), (1.0, 14.0)]),
            Line(&[(8.0, 6.25), (8.0, 9.75)]),
            Dot(8.0, 11.9, 0.9),
        ],
        Icon::Info => &[
            Circle(8.0, 8.0, 6.75),
            Line(&[(8.0, 7.25), (8.0, 11.5)]),
            Dot(8.0, 4.75, 0.9),
        ],
        Icon::Closed => &[Line(&[(6.0, 3.5), (10.5, 8.0), (6.0, 12.5)])],
        Icon::Opened => &[Line(&[(3.5, 6.0), (8.0, 10.5), (12.5, 6.0)])],
        Icon::Edit => &[
            Ring(&[
                (2.0, 14.0),
                (2.75, 10.5),
                (11.0, 2.25),
                (13.75, 5.0),
                (5.5, 13.25),
            ]),
            Line(&[(9.25, 4.0), (12.0, 6.75)]),
        ],
        Icon::Building => &[
            Ring(&[
                (3.0, 14.0),
                (3.0, 5.5),
                (8.0, 2.0),
                (13.0, 5.5),
                (13.0, 14.0),
            ]),
            Line(&[(6.0, 8.0), (6.0, 10.0)]),
            Line(&[(10.0, 8.0), (10.0, 10.0)]),
        ],
        Icon::Tree => &[Circle(8.0, 6.0, 4.5), Line(&[(8.0, 6.5), (8.0, 15.0)])],
        Icon::Move => &[
            Line(&[(8.0, 1.5), (8.0, 14.5)]),
            Line(&[(1.5, 8.0), (14.5, 8.0)]),
            Line(&[(6.0, 3.5), (8.0, 1.5), (10.0, 3.5)]),
            Line(&[(6.0, 12.5), (8.0, 14.5), (10.0, 12.5)]),
            Line(&[(3.5, 6.0), (1.5, 8.0), (3.5, 10.0)]),
            Line(&[(12.5, 6.0), (14.5, 8.0), (12.5, 10.0)]),
        ],
        Icon::Height => &[
            Line(&[(8.0, 1.5), (8.0, 14.5)]),
            Line(&[(5.0, 4.5), (8.0, 1.5), (11.0, 4.5)]),
            Line(&[(5.0, 11.5), (8.0, 14.5), (11.0, 11.5)]),
        ],
        Icon::PanelLeft => &[
            Ring(&[(1.5, 2.5), (14.5, 2.5), (14.5, 13.5), (1.5, 13.5)]),
            Fill(&[(1.5, 2.5), (6.0, 2.5), (6.0, 13.5), (1.5, 13.5)]),
        ],
        Icon::PanelRight => &[
            Ring(&[(1.5, 2.5), (14.5, 2.5), (14.5, 13.5), (1.5, 13.5)]),
            Fill(&[(10.0, 2.5), (14.5, 2.5), (14.5, 13.5), (10.0, 13.5)]),
        ],
        Icon::PanelBottom => &[
            Ring(&[(1.5, 2.5), (14.5, 2.5), (14.5, 13.5), (1.5, 13.5)]),
            Fill(&[(1.5, 9.5), (14.5, 9.5), (14.5, 13.5), (1.5, 13.5)]),
        ],
    }
}

/// Draws an icon into a square.
pub fn paint(painter: &Painter, rect: Rect, icon: Icon, colour: Color32) {
    let unit = rect.width().min(rect.height()) / 16.0;
    let origin = rect.center() - vec2(8.0, 8.0) * unit;
    let at = |(x, y): (f32, f32)| -> Pos2 { origin + vec2(x, y) * unit };
    let points = |list: &[(f32, f32)]| -> Vec<Pos2> { list.iter().map(|p| at(*p)).collect() };
    let stroke = Stroke::new((1.5 * unit).max(1.0), colour);
    for part in parts(icon) {
        match part {
            Line(list) => painter.add(Shape::line(points(list), stroke)),
            Ring(list) => painter.add(Shape::closed_line(points(list), stroke)),
            Fill(list) => painter.add(Shape::convex_polygon(points(list), colour, Stroke::NONE)),
            Circle(x, y, r) => painter.circle_stroke(at((*x, *y)), r * unit, stroke),
            Dot(x, y, r) => painter.circle_filled(at((*x, *y)), r * unit, colour),
            Arc(x, y, r, from, to) => {
                let steps = 12;
                let arc = (0..=steps)
                    .map(|i| {
                        let angle = (from + (to - from) * i as f32 / steps as f32).to_radians();
                        at((x + r * angle.cos(), y + r * angle.sin()))
                    })
                    .collect();
                painter.add(Shape::line(arc, stroke))
            }
        };
    }
}
